//! The shell blocks of a guide.
//!
//! | fence | |
//! |---|---|
//! | <code>```sh</code> | executed; must succeed |
//! | <code>```sh fails</code> | executed in a shell within the shell; must fail, with the output that follows |
//! | <code>```sh not-run="reason"</code> | not executed, and listed with its reason |
//! | <code>```text output</code> | what the shell block before it printed, see `output` |
//!
//! All other blocks are for the reader alone.

/// A shell block.
#[derive(Debug, PartialEq, Eq)]
pub struct Block {
    /// The line of its fence, from 1.
    pub line: usize,
    /// What is typed.
    pub script: String,
    /// Why it can't be executed, if it can't.
    pub not_run: Option<String>,
    /// Whether it must fail.
    pub fails: bool,
    /// What it prints, if the guide says so.
    pub output: Option<String>,
}

/// A mistake in a guide: the line, and what is wrong.
pub type Mistake = (usize, String);

/// What a fence opens.
enum Fence {
    Shell {
        not_run: Option<String>,
        fails: bool,
    },
    Output,
    Other,
}

/// All shell blocks of a Markdown text.
pub fn all_in(text: &str) -> Result<Vec<Block>, Mistake> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut lines = (1..).zip(text.lines());
    while let Some((line, opening)) = lines.next() {
        let Some(info) = opening.trim_start().strip_prefix("```") else {
            continue;
        };
        let indent = opening.len() - opening.trim_start().len();
        let fence = fence(info.trim()).map_err(|what| (line, what))?;
        let content =
            content(&mut lines, indent).ok_or((line, "the block isn't closed".to_owned()))?;
        match fence {
            Fence::Other => {}
            Fence::Shell { not_run, fails } => blocks.push(Block {
                line,
                script: content,
                not_run,
                fails,
                output: None,
            }),
            Fence::Output => {
                let before = blocks.last_mut().filter(|block| block.output.is_none());
                let block =
                    before.ok_or((line, "no shell block is before this output".to_owned()))?;
                block.output = Some(content);
            }
        }
    }
    // Else it would pass also when it fails for another reason than the one that the guide is about.
    match blocks
        .iter()
        .find(|block| block.fails && block.output.is_none())
    {
        Some(block) => Err((
            block.line,
            "say in a block ```text output how it fails".to_owned(),
        )),
        None => Ok(blocks),
    }
}

/// The lines up to the closing fence, without the indentation of a list.
fn content<'a>(
    lines: &mut impl Iterator<Item = (usize, &'a str)>,
    indent: usize,
) -> Option<String> {
    let mut content = String::new();
    loop {
        let (_, line) = lines.next()?;
        if line.trim() == "```" {
            return Some(content);
        }
        let kept = line.len() - line.trim_start().len();
        content.push_str(&line[kept.min(indent)..]);
        content.push('\n');
    }
}

/// What the words behind the backticks say.
fn fence(info: &str) -> Result<Fence, String> {
    let (language, rest) = info.split_once(' ').unwrap_or((info, ""));
    if info.contains('`') {
        return Err("Markdown allows no backtick in the line of a fence".to_owned());
    }
    match (language, rest.trim()) {
        ("sh", "") => Ok(shell(None, false)),
        ("sh", "fails") => Ok(shell(None, true)),
        ("sh", rest) => match rest
            .strip_prefix("not-run=\"")
            .and_then(|rest| rest.strip_suffix('"'))
        {
            Some(reason) if !reason.trim().is_empty() => Ok(shell(Some(reason.to_owned()), false)),
            _ => Err(format!(
                "a shell block can be `fails` or `not-run=\"reason\"`, not `{rest}`"
            )),
        },
        ("text", "output") => Ok(Fence::Output),
        // They would look executed to a reader, and wouldn't be.
        ("bash" | "shell" | "console", _) => {
            Err(format!("commands go into ```sh, not ```{language}"))
        }
        _ => Ok(Fence::Other),
    }
}

const fn shell(not_run: Option<String>, fails: bool) -> Fence {
    Fence::Shell { not_run, fails }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_should_be_found_in_order_with_their_lines() {
        let text =
            "# A\n```sh\na\nb\n```\n```text\nc\n```\n```sh fails\nd\n```\n```text output\ne\n```\n";
        let blocks = all_in(text).unwrap();
        assert_eq!(blocks.len(), 2);
        assert_eq!((blocks[0].line, blocks[0].script.as_str()), (2, "a\nb\n"));
        assert!(!blocks[0].fails && blocks[0].output.is_none());
        assert_eq!((blocks[1].line, blocks[1].fails), (9, true));
    }

    #[test]
    fn output_should_belong_to_the_block_before_it() {
        let blocks = all_in("```sh\na\n```\nprints\n\n```text output\nx\n...\n```\n").unwrap();
        assert_eq!(blocks[0].output.as_deref(), Some("x\n...\n"));
        assert_eq!(all_in("```text output\nx\n```\n").unwrap_err().0, 1);
    }

    #[test]
    fn indentation_of_a_list_should_be_taken_off() {
        let blocks = all_in("1. do\n   ```sh\n   if a; then\n     b\n   fi\n   ```\n").unwrap();
        assert_eq!(blocks[0].script, "if a; then\n  b\nfi\n");
    }

    #[test]
    fn not_run_should_want_a_reason() {
        let blocks = all_in("```sh not-run=\"needs root\"\na\n```\n").unwrap();
        assert_eq!(blocks[0].not_run.as_deref(), Some("needs root"));
        for fence in [
            "```sh not-run",
            "```sh not-run=\"\"",
            "```sh skip",
            "```bash",
        ] {
            assert!(all_in(&format!("{fence}\na\n```\n")).is_err(), "{fence}");
        }
    }

    #[test]
    fn failing_blocks_should_say_how_they_fail() {
        assert_eq!(all_in("x\n```sh fails\nd\n```\n").unwrap_err().0, 2);
    }

    #[test]
    fn open_blocks_should_be_refused_with_their_line() {
        assert_eq!(all_in("x\n\n```sh\na\n").unwrap_err().0, 3);
    }
}
