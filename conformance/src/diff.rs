//! A line diff of expected and actual output that knows placeholders.

use crate::phpt::Form;
use crate::why::line_matches;

/// Beyond this many pairs of lines only the common start and end are left out.
const MOST_PAIRS: usize = 250_000;
/// Lines of agreement around a difference.
const CONTEXT: usize = 3;

enum Line<'a> {
    Same(&'a str),
    Wanted(&'a str),
    Got(&'a str),
}

/// The diff as text: `-` stands before what was expected, `+` before what came.
pub fn diff(form: Form, wanted: &[u8], got: &[u8]) -> String {
    let wanted = String::from_utf8_lossy(wanted);
    let got = String::from_utf8_lossy(got);
    let wanted: Vec<&str> = wanted.lines().collect();
    let got: Vec<&str> = got.lines().collect();
    render(&lines(form, &wanted, &got))
}

fn lines<'a>(form: Form, wanted: &[&'a str], got: &[&'a str]) -> Vec<Line<'a>> {
    let same = |w: &str, g: &str| line_matches(form, w, g);
    let head = wanted.iter().zip(got).take_while(|(w, g)| same(w, g)).count();
    let (w_rest, g_rest) = (&wanted[head..], &got[head..]);
    let tail = w_rest.iter().rev().zip(g_rest.iter().rev()).take_while(|(w, g)| same(w, g)).count();
    let w_mid = &w_rest[..w_rest.len() - tail];
    let g_mid = &g_rest[..g_rest.len() - tail];

    let mut out: Vec<Line<'a>> = got[..head].iter().map(|l| Line::Same(l)).collect();
    if w_mid.len() * g_mid.len() > MOST_PAIRS {
        out.extend(w_mid.iter().map(|l| Line::Wanted(l)));
        out.extend(g_mid.iter().map(|l| Line::Got(l)));
    } else {
        align(form, w_mid, g_mid, &mut out);
    }
    out.extend(g_rest[g_rest.len() - tail..].iter().map(|l| Line::Same(l)));
    out
}

/// Longest common subsequence.
fn align<'a>(form: Form, wanted: &[&'a str], got: &[&'a str], out: &mut Vec<Line<'a>>) {
    let (rows, columns) = (wanted.len(), got.len());
    let mut equal = vec![false; rows * columns];
    let mut best = vec![0u32; (rows + 1) * (columns + 1)];
    let at = |i: usize, j: usize| i * (columns + 1) + j;
    for i in (0..rows).rev() {
        for j in (0..columns).rev() {
            let same = line_matches(form, wanted[i], got[j]);
            equal[i * columns + j] = same;
            best[at(i, j)] = if same {
                best[at(i + 1, j + 1)] + 1
            } else {
                best[at(i + 1, j)].max(best[at(i, j + 1)])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < rows || j < columns {
        if i < rows && j < columns && equal[i * columns + j] {
            out.push(Line::Same(got[j]));
            i += 1;
            j += 1;
        } else if i < rows && (j == columns || best[at(i + 1, j)] >= best[at(i, j + 1)]) {
            out.push(Line::Wanted(wanted[i]));
            i += 1;
        } else {
            out.push(Line::Got(got[j]));
            j += 1;
        }
    }
}

fn render(lines: &[Line]) -> String {
    let mut near = vec![false; lines.len()];
    for (i, line) in lines.iter().enumerate() {
        if !matches!(line, Line::Same(_)) {
            let end = (i + CONTEXT + 1).min(lines.len());
            near[i.saturating_sub(CONTEXT)..end].fill(true);
        }
    }
    let mut out = String::new();
    let mut hidden = 0;
    for (line, shown) in lines.iter().zip(near) {
        if !shown {
            hidden += 1;
            continue;
        }
        if hidden > 0 {
            out.push_str(&format!("  ... {hidden} lines agree\n"));
            hidden = 0;
        }
        let (mark, text) = match line {
            Line::Same(text) => (' ', text),
            Line::Wanted(text) => ('-', text),
            Line::Got(text) => ('+', text),
        };
        out.push_str(&format!("{mark} {}\n", printable(text)));
    }
    out
}

fn printable(text: &str) -> String {
    text.chars()
        .flat_map(|c| {
            let plain = !c.is_control() || c == '\t';
            plain
                .then_some(c)
                .into_iter()
                .chain((!plain).then(|| c.escape_default()).into_iter().flatten())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_what_differs_with_its_surroundings() {
        let wanted = b"1\n2\n3\n4\n5\nint(%d)\nx\ny";
        let got = b"1\n2\n3\n4\n5\nint(7)\nz\ny";
        let text = diff(Form::Format, wanted, got);
        assert_eq!(text, "  ... 3 lines agree\n  4\n  5\n  int(7)\n- x\n+ z\n  y\n");
    }

    #[test]
    fn aligns_insertions() {
        assert_eq!(diff(Form::Exact, b"a\nb", b"a\nnew\nb"), "  a\n+ new\n  b\n");
        assert_eq!(diff(Form::Exact, b"a\n\0b", b"a"), "  a\n- \\u{0}b\n");
    }
}
