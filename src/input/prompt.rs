//! The prompt: line editing with the session's history. rustyline is used here and nowhere else.

use rustyline::error::ReadlineError;
use rustyline::{Config, DefaultEditor};

use super::{Ending, Next};

/// Lines kept for Ctrl-R and the arrow keys.
const HISTORY: usize = 1_000;

/// The editor, made when the first line is asked for.
#[derive(Default)]
pub struct Prompt {
    editor: Option<DefaultEditor>,
}

impl Prompt {
    pub(super) fn next(&mut self, prompt: &str) -> Next {
        let Some(editor) = self.editor() else { return Next::End(Ending::Unreadable) };
        match editor.readline(prompt) {
            Ok(line) => {
                let _ = editor.add_history_entry(&line);
                Next::Line(line.into_bytes())
            }
            Err(ReadlineError::Interrupted) => Next::Interrupted,
            Err(ReadlineError::Eof) => Next::End(Ending::EndOfInput),
            Err(_) => Next::End(Ending::Unreadable),
        }
    }

    fn editor(&mut self) -> Option<&mut DefaultEditor> {
        if self.editor.is_none() {
            let config = Config::builder().max_history_size(HISTORY).ok()?.auto_add_history(false).build();
            self.editor = DefaultEditor::with_config(config).ok();
        }
        self.editor.as_mut()
    }
}
