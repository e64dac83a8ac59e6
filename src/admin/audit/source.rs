//! The lines of a log: a file, followed across rotation or not, or standard input.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::time::Duration;

/// No record comes near this: what is longer is passed over up to its end.
const LONGEST_LINE: u64 = 1 << 20;
/// How often a followed file is looked at.
const EVERY: Duration = Duration::from_millis(200);

/// Where lines come from.
pub(super) enum Source {
    File { path: PathBuf, reader: BufReader<File>, follow: bool },
    Input(io::StdinLock<'static>),
}

impl Source {
    /// `-` is standard input.
    pub(super) fn open(path: &PathBuf, follow: bool) -> io::Result<Self> {
        if path.as_os_str() == "-" {
            return Ok(Self::Input(io::stdin().lock()));
        }
        let reader = BufReader::new(File::open(path)?);
        Ok(Self::File { path: path.clone(), reader, follow })
    }

    /// Hands every line to `take`, which says whether to go on. Ends at the end of the log, if it has one.
    pub(super) fn each(&mut self, mut take: impl FnMut(&str) -> bool) -> io::Result<()> {
        let mut line = Vec::new();
        loop {
            let is_whole = match self {
                Self::File { reader, .. } => more(reader, &mut line)?,
                Self::Input(input) => more(input, &mut line)?,
            };
            if is_whole {
                if !take(&String::from_utf8_lossy(&line)) {
                    return Ok(());
                }
                line.clear();
            } else if !self.wait(&mut line)? {
                // A last line without a line break is one all the same.
                if !line.is_empty() {
                    take(&String::from_utf8_lossy(&line));
                }
                return Ok(());
            }
        }
    }

    /// At the end: whether more may come. A file of the same name that is another, or shorter, is a rotation.
    fn wait(&mut self, line: &mut Vec<u8>) -> io::Result<bool> {
        let Self::File { path, reader, follow: true } = self else { return Ok(false) };
        std::thread::sleep(EVERY);
        let read = io::Seek::stream_position(reader)?;
        let open = reader.get_ref().metadata()?;
        match path.metadata() {
            // What was added to the old file at last comes first.
            Ok(_) | Err(_) if open.len() > read => {}
            Ok(named) if (named.dev(), named.ino()) != (open.dev(), open.ino()) || named.len() < read => {
                *reader = BufReader::new(File::open(path)?);
                line.clear();
            }
            // Between the old file's renaming and the new one's coming there is none.
            Ok(_) | Err(_) => {}
        }
        Ok(true)
    }
}

/// Reads on to the end of the line; whether that was reached.
fn more(reader: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    let had = u64::try_from(line.len()).unwrap_or(LONGEST_LINE);
    let room = LONGEST_LINE.saturating_sub(had);
    reader.by_ref().take(room).read_until(b'\n', line)?;
    if line.ends_with(b"\n") {
        return Ok(true);
    }
    if u64::try_from(line.len()).unwrap_or(LONGEST_LINE) < LONGEST_LINE {
        return Ok(false);
    }
    line.clear();
    reader.skip_until(b'\n')?;
    Ok(true)
}
