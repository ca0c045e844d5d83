//! Medians, ratios and how far a reference differs from itself.

/// The middle of the values, or the mean of the two in the middle; `None` without values.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut sorted: Vec<f64> = values.into_iter().collect();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => None,
        length if length % 2 == 1 => Some(sorted[middle]),
        _ => Some(f64::midpoint(sorted[middle - 1], sorted[middle])),
    }
}

/// `value` as a multiple of `reference`; `None` where the reference is zero.
pub(crate) fn ratio(value: f64, reference: f64) -> Option<f64> {
    (reference != 0.0).then(|| value / reference)
}

/// How far two measurements of the same thing lie apart, as a part of the smaller; zero if equal.
pub(crate) fn distance(first: f64, second: f64) -> Option<f64> {
    ratio((first - second).abs(), first.min(second))
}

#[cfg(test)]
mod tests {
    use super::{distance, median, ratio};

    #[test]
    fn the_median_is_the_middle_whatever_the_order() {
        assert_eq!(median([9.0, 1.0, 5.0]), Some(5.0));
        assert_eq!(median([4.0, 1.0, 100.0, 2.0]), Some(3.0));
        assert_eq!(median([]), None);
    }

    #[test]
    fn a_ratio_to_nothing_does_not_exist() {
        assert_eq!(ratio(3.0, 2.0), Some(1.5));
        assert_eq!(ratio(3.0, 0.0), None);
    }

    #[test]
    fn the_distance_does_not_depend_on_which_came_first() {
        assert_eq!(distance(2.0, 3.0), Some(0.5));
        assert_eq!(distance(3.0, 2.0), Some(0.5));
        assert_eq!(distance(2.0, 2.0), Some(0.0));
    }
}
