//! The line that a runner prints.

use crate::workload::Done;
use rustix::time::{ClockId, clock_gettime};

/// Prints tool,workload,size,customers,logical events,CPU seconds,peak RSS bytes,name=value,…
pub fn print(tool: &str, workload: &str, size: f64, cpu_seconds: f64, done: &Done) {
    let named = done.named.iter().map(|(name, value)| format!(",{name}={value}"));
    println!(
        "{tool},{workload},{size},{},{},{cpu_seconds:.4},{}{}",
        done.customers,
        done.logical_events,
        peak_rss_bytes(),
        named.collect::<String>()
    );
}

/// CPU seconds of this process so far.
pub fn cpu_seconds() -> f64 {
    let t = clock_gettime(ClockId::ProcessCPUTime);
    t.tv_sec as f64 + t.tv_nsec as f64 * 1e-9
}

/// Most memory this process ever held; 0 where the system does not tell.
fn peak_rss_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kib.unwrap_or(0) * 1024
}
