//! When a failed delivery is tried again.

use crate::kernel::secret::random_bytes;

/// Pauses after the first, second, … failed attempt, in milliseconds: ten attempts over three days (Standard Webhooks 1.0.0).
const PAUSES_MS: [i64; 9] = [
    5_000,
    5 * 60_000,
    30 * 60_000,
    2 * 3_600_000,
    5 * 3_600_000,
    10 * 3_600_000,
    14 * 3_600_000,
    20 * 3_600_000,
    24 * 3_600_000,
];

/// The pause after this failed attempt, ± 20 %, never shorter than the receiver asked for; none after the last.
pub(super) fn next_pause(step: i32, retry_after_ms: Option<i64>) -> Option<i64> {
    let failed = usize::try_from(step).ok()?.checked_sub(1)?;
    let pause = *PAUSES_MS.get(failed)?;
    let [random] = random_bytes::<1>();
    let jittered = pause * (80 + 40 * i64::from(random) / 255) / 100;
    Some(jittered.max(retry_after_ms.unwrap_or(0)))
}

/// How long the receiver asks to be left alone: only who is busy (429, 503) is believed.
pub(super) fn asked_pause(answer: &crate::net::Answer) -> Option<i64> {
    let wait = matches!(answer.status, 429 | 503).then(|| answer.retry_after())??;
    i64::try_from(wait.as_millis()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_attempts_over_three_days() {
        let total: i64 = PAUSES_MS.iter().sum();
        assert_eq!(total / 3_600_000, 75);
        for step in 1..=9 {
            let nominal = PAUSES_MS[usize::try_from(step).expect("positive") - 1];
            let pauses: Vec<_> = (0..200).filter_map(|_| next_pause(step, None)).collect();
            assert!(
                pauses
                    .iter()
                    .all(|pause| (nominal * 8 / 10..=nominal * 12 / 10).contains(pause))
            );
            assert!(pauses.iter().any(|pause| *pause != pauses[0]), "with jitter");
        }
        assert_eq!(next_pause(10, None), None);
        assert_eq!(next_pause(1, Some(60_000)), Some(60_000), "Retry-After is obeyed");
    }
}
