//! syslog: facility authpriv, the RFC 3164 header (the only one every daemon parses on its local socket), one
//! JSON object as the text. The `syslog` crate writes the header; sending is bounded by [`Datagrams`].

use std::io;
use std::time::Instant;

use syslog::{Facility, Formatter3164, LogFormat, Severity as Syslog};

use super::datagram::Datagrams;
use super::record::{Record, Severity};

/// One message as it goes over the socket. The header's time is in UTC; daemons stamp their own.
fn message(record: &Record) -> io::Result<Vec<u8>> {
    let severity = match record.severity() {
        Severity::Error => Syslog::LOG_ERR,
        Severity::Warning => Syslog::LOG_WARNING,
        Severity::Informational => Syslog::LOG_INFO,
    };
    let header = Formatter3164 {
        facility: Facility::LOG_AUTHPRIV,
        hostname: None,
        process: "gatesh".to_owned(),
        pid: record.pid,
    };
    let mut message = Vec::with_capacity(1024);
    header.format(&mut message, severity, record.to_json()).map_err(io::Error::other)?;
    Ok(message)
}

pub(super) fn send(socket: &mut Datagrams, record: &Record, deadline: Instant) -> io::Result<()> {
    socket.send(&message(record)?, deadline)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::parts::{LONGEST, ROOM};

    fn text(event: &str, pid: u32) -> String {
        let record = Record { event: event.to_owned(), pid, ..Record::default() };
        String::from_utf8(message(&record).unwrap()).unwrap()
    }

    #[test]
    fn a_message_is_an_rfc_3164_header_and_the_json() {
        let text = text("command-start", 42);
        let (header, json) = text.split_at(text.find('{').unwrap());
        assert!(header.starts_with("<86>") && header.ends_with(" gatesh[42]: "), "{header}");
        assert_eq!(header.len(), "<86>Nov 23 04:08:32 gatesh[42]: ".len());
        assert_eq!(Record::parse(&json.replace("\"v\":0", "\"v\":1")).unwrap().pid, 42);
    }

    #[test]
    fn denials_are_warnings_and_faults_are_errors() {
        assert!(text("denied", 1).starts_with("<84>"));
        assert!(text("fault", 1).starts_with("<83>"));
        assert!(text("session-end", 1).starts_with("<86>"));
    }

    #[test]
    fn the_longest_header_fits_beside_the_longest_record() {
        let text = text("command-start", u32::MAX);
        assert!(text.find('{').unwrap() <= LONGEST - ROOM);
    }
}
