use std::collections::HashMap;
use std::env;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::process;

#[derive(Debug, Default)]
struct Counts {
    words: HashMap<String, usize>,
    lines: usize,
    bytes: usize,
}

impl Counts {
    fn add_line(&mut self, line: &str) {
        self.lines += 1;
        self.bytes += line.len() + 1;
        for word in line.split(|c: char| !c.is_alphanumeric()) {
            if word.is_empty() {
                continue;
            }
            *self.words.entry(word.to_lowercase()).or_insert(0) += 1;
        }
    }

    fn most_frequent(&self, limit: usize) -> Vec<(&str, usize)> {
        let mut pairs: Vec<(&str, usize)> = self
            .words
            .iter()
            .map(|(word, count)| (word.as_str(), *count))
            .collect();
        pairs.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
        pairs.truncate(limit);
        pairs
    }
}

fn count_file(path: &str) -> io::Result<Counts> {
    let reader = BufReader::new(File::open(path)?);
    let mut counts = Counts::default();
    for line in reader.lines() {
        counts.add_line(&line?);
    }
    Ok(counts)
}

fn main() {
    let args: Vec<String> = env::args().skip(1).collect();
    if args.is_empty() {
        eprintln!("usage: word-count FILE...");
        process::exit(2);
    }
    let stdout = io::stdout();
    let mut out = stdout.lock();
    for path in &args {
        match count_file(path) {
            Ok(counts) => {
                writeln!(out, "{}: {} lines, {} bytes", path, counts.lines, counts.bytes).unwrap();
                for (word, count) in counts.most_frequent(10) {
                    writeln!(out, "  {:>6} {}", count, word).unwrap();
                }
            }
            Err(error) => eprintln!("{}: {}", path, error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_words_regardless_of_case() {
        let mut counts = Counts::default();
        counts.add_line("The cat and the dog");
        assert_eq!(counts.most_frequent(1), vec![("the", 2)]);
    }
}
