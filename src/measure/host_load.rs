//! What other processes take from the processors meanwhile.

/// Processor time since the machine started, in clock ticks.
#[derive(Clone, Copy, Debug)]
pub struct HostLoad {
    /// Everything that was not idle, time stolen by other machines included.
    busy: u64,
    /// Everything.
    all: u64,
    /// This process, with all its threads.
    own: u64,
}

impl HostLoad {
    /// Reads the counters; `None` where the system has none.
    pub fn now() -> Option<Self> {
        let stat = std::fs::read_to_string("/proc/stat").ok()?;
        let own = std::fs::read_to_string("/proc/self/stat").ok()?;
        Self::parse(&stat, &own)
    }

    fn parse(stat: &str, own: &str) -> Option<Self> {
        // user nice system idle iowait irq softirq steal; what guests take is in user already.
        let line = stat.lines().next()?.strip_prefix("cpu ")?;
        let ticks: Vec<u64> =
            line.split_whitespace().take(8).map(str::parse).collect::<Result<_, _>>().ok()?;
        let all = ticks.iter().sum();
        let idle = ticks.get(3)? + ticks.get(4)?;
        // The name in brackets can hold anything; utime and stime are the 14th and 15th fields.
        let fields: Vec<&str> = own.rsplit_once(')')?.1.split_whitespace().collect();
        let own = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
        Some(Self { busy: all - idle, all, own })
    }

    /// Share of all processors that others used since `before`; `None` when too little time has passed.
    pub fn others_since(self, before: Self) -> Option<f64> {
        let all = self.all.checked_sub(before.all).filter(|ticks| *ticks >= 20)?;
        let busy = self.busy.checked_sub(before.busy)?;
        let own = self.own.checked_sub(before.own)?;
        Some(busy.saturating_sub(own) as f64 / all as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn others_are_what_is_busy_and_not_ours() {
        let own = |ticks: u64| format!("7 (a (b) c) S 1 1 1 0 -1 0 0 0 0 0 {ticks} 0 0 0 20 0 1 0");
        let stat = |user: u64, idle: u64, steal: u64| {
            format!("cpu  {user} 0 0 {idle} 0 0 0 {steal}\ncpu0 1\n")
        };
        let before = HostLoad::parse(&stat(100, 100, 0), &own(10)).unwrap();
        let after = HostLoad::parse(&stat(180, 110, 10), &own(60)).unwrap();
        // 80 user and 10 stolen of 100; 50 of them ours.
        assert_eq!(after.others_since(before), Some(0.4));
        assert_eq!(before.others_since(before), None);
        assert!(HostLoad::parse("intr 1", "").is_none());
    }
}
