//! Several tests at once.

/// Holm's step-down procedure (Holm 1979): which null hypotheses fall while the chance of even one false
/// rejection stays at most `alpha`, whatever the dependence between the tests.
///
/// ```
/// use preau::experiment::stats::holm;
/// assert_eq!(holm(&[0.01, 0.04, 0.03, 0.005], 0.05), [true, false, false, true]);
/// ```
pub fn holm(p_values: &[f64], alpha: f64) -> Vec<bool> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|a, b| p_values[*a].total_cmp(&p_values[*b]));
    let mut falls = vec![false; p_values.len()];
    for (rank, &i) in order.iter().enumerate() {
        if p_values[i] > alpha / (p_values.len() - rank) as f64 {
            break;
        }
        falls[i] = true;
    }
    falls
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stops_at_the_first_that_stands() {
        // 0.031 would pass 0.05/1 in the last step, but 0.03 > 0.05/2 stops the procedure before.
        assert_eq!(holm(&[0.03, 0.031, 0.001], 0.05), [false, false, true]);
        assert_eq!(holm(&[0.05], 0.05), [true]);
        assert!(holm(&[], 0.05).is_empty());
    }

    #[test]
    fn never_rejects_what_a_single_test_would_not() {
        let p = [0.2, 0.04, 0.001, 0.049, 0.012];
        for (p, falls) in p.iter().zip(holm(&p, 0.05)) {
            assert!(!falls || *p <= 0.05);
        }
    }
}
