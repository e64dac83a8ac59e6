//! `when` of a rule, as written.

use super::host::label;
use super::reader::{Entry, Reader, Section};
use super::scalar;
use crate::policy::{When, zone};

pub(super) const WHEN: Section = Section {
    name: "when",
    keys: &[
        ("labels", r#"["env=prod"]"#),
        ("days", r#""mon-fri""#),
        ("hours", r#""09:00-17:00""#),
        ("zone", r#""Europe/Berlin""#),
    ],
};

pub(super) fn read(reader: &Reader<'_>, entry: &Entry<'_>) -> Option<When> {
    let table = reader.table(entry)?;
    let mut when = When { labels: Vec::new(), days: [true; 7], hours: None, zone: "UTC".to_owned() };
    for part in table.entries() {
        match part.key {
            "labels" => {
                let texts = reader.texts(&part);
                let sound = texts.iter().filter(|text| label(reader, **text));
                when.labels = sound.map(|text| text.text.to_owned()).collect();
            }
            "days" => {
                let days = said(reader, &part, scalar::days, "such as \"mon-fri\" or \"mon,wed\"");
                when.days = days.unwrap_or([false; 7]);
            }
            "hours" => when.hours = said(reader, &part, scalar::hours, "such as \"09:00-17:00\""),
            "zone" => {
                let known = |name: &str| zone::exists(name).then(|| name.to_owned());
                let label = "a name of /usr/share/zoneinfo such as \"Europe/Berlin\", or \"UTC\"";
                when.zone = said(reader, &part, known, label).unwrap_or_default();
            }
            _ => reader.unknown(&part, &WHEN),
        }
    }
    Some(when)
}

fn said<T>(
    reader: &Reader<'_>,
    part: &Entry<'_>,
    read: impl Fn(&str) -> Option<T>,
    label: &str,
) -> Option<T> {
    let text = reader.text(part)?;
    let value = read(text.text);
    if value.is_none() {
        let message = format!("\"{}\" is not understood: \"{}\"", part.key, text.text.escape_debug());
        reader.say(reader.at("when", text.span, message).label(label));
    }
    value
}
