//! Memory and processor time of processes, and disk space of folders, as Linux tells them.

use std::{fs, os::unix::fs::MetadataExt, path::Path};

/// Ticks of processor time in a second: what Linux tells programs, whatever its kernel counts in.
const TICKS: u64 = 100;
/// The unit in which a file's blocks are counted, whatever its file system's is.
const BLOCK_BYTES: u64 = 512;

/// What a process uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Memory in use now, in kibibytes.
    pub resident_kib: u64,
    /// The most memory it ever used, in kibibytes.
    pub peak_kib: u64,
    /// Processor time since its start, of all its threads, in milliseconds.
    pub cpu_ms: u64,
}

/// What a process uses now; nothing where the system doesn't tell.
pub fn usage(process: u32) -> Option<Usage> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    parse(&status, &stat)
}

fn parse(status: &str, stat: &str) -> Option<Usage> {
    let kib = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim().split(' ').next()?.parse::<u64>().ok()
    };
    // The name of the process stands in brackets, and may have spaces.
    let (_, after_name) = stat.rsplit_once(')')?;
    let mut fields = after_name.split_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<u64>().ok();
    let (user, system) = (ticks()?, ticks()?);
    Some(Usage {
        resident_kib: kib("VmRSS:")?,
        peak_kib: kib("VmHWM:")?,
        cpu_ms: (user + system) * 1_000 / TICKS,
    })
}

/// The disk space that all files of a folder take, in bytes. Files that vanish meanwhile count nothing.
pub fn disk_bytes(folder: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(folder) else {
        return 0;
    };
    entries
        .flatten()
        .filter_map(|entry| {
            let data = entry.metadata().ok()?;
            match data.is_dir() {
                true => Some(disk_bytes(&entry.path())),
                false => Some(data.blocks() * BLOCK_BYTES),
            }
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usage_should_be_read_when_a_name_has_spaces_and_brackets() {
        let status = "Name:\tx\nVmHWM:\t    2048 kB\nVmRSS:\t    1024 kB\n";
        let stat = "7 (a ) b) S 1 7 7 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 4 0";
        assert_eq!(
            parse(status, stat),
            Some(Usage {
                resident_kib: 1_024,
                peak_kib: 2_048,
                cpu_ms: 3_000,
            })
        );
        assert_eq!(parse("", stat), None);
    }

    #[test]
    fn usage_should_be_that_of_this_process() {
        let usage = usage(std::process::id()).expect("Linux tells it");
        assert!(usage.resident_kib > 100 && usage.peak_kib >= usage.resident_kib);
        assert_eq!(super::usage(u32::MAX), None);
    }

    #[test]
    fn disk_bytes_should_count_files_of_all_depths() {
        let folder = tempfile::tempdir().expect("a folder");
        let inner = folder.path().join("inner");
        fs::create_dir(&inner).expect("a folder");
        fs::write(inner.join("file"), vec![1; 100_000]).expect("writes");
        let bytes = disk_bytes(folder.path());
        assert!((100_000..200_000).contains(&bytes), "{bytes}");
        assert_eq!(disk_bytes(&folder.path().join("none")), 0);
    }
}
