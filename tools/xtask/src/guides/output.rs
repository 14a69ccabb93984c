//! What a block printed, against what its guide says: `...` stands for anything in a line, and for any lines when it is a
//! line of its own. Space at the ends of lines doesn't count.

/// Tells whether text is as described.
pub fn fits(described: &str, printed: &str) -> bool {
    let lines = |text: &'_ str| -> Vec<String> {
        text.trim()
            .lines()
            .map(|line| line.trim_end().to_owned())
            .collect()
    };
    lines_fit(&lines(described), &lines(printed))
}

fn lines_fit(described: &[String], printed: &[String]) -> bool {
    match described.split_first() {
        None => printed.is_empty(),
        Some((first, rest)) if first.trim() == "..." => {
            (0..=printed.len()).any(|skipped| lines_fit(rest, &printed[skipped..]))
        }
        Some((first, rest)) => printed
            .split_first()
            .is_some_and(|(line, others)| line_fits(first, line) && lines_fit(rest, others)),
    }
}

fn line_fits(described: &str, printed: &str) -> bool {
    let mut parts = described.split("...");
    let Some(mut left) = parts.next().and_then(|start| printed.strip_prefix(start)) else {
        return false;
    };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return left.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return left.ends_with(part);
        }
        let Some(at) = left.find(part) else {
            return false;
        };
        left = &left[at + part.len()..];
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fits_should_be_equality_when_there_are_no_dots() {
        assert!(fits("a\nb\n", "a \nb"));
        assert!(!fits("a\nb\n", "a\n"));
        assert!(!fits("a\n", "a\nb\n"));
        assert!(!fits("a", "ab"));
    }

    #[test]
    fn dots_in_a_line_should_stand_for_anything_there() {
        assert!(fits("money ... USDD, ... left", "money 5 USDD, 3 left"));
        assert!(fits("at ...", "at noon"));
        assert!(!fits("at ... USDD", "at 5 USD"));
        assert!(!fits("...x", "xy"));
    }

    #[test]
    fn a_line_of_dots_should_stand_for_any_lines() {
        assert!(fits("a\n...\nd", "a\nb\nc\nd"));
        assert!(fits("a\n...\nd", "a\nd"));
        assert!(fits("...\nd", "d"));
        assert!(!fits("a\n...\nd", "a\nb"));
    }
}
