//! Points of which none is better in everything: dominance, fronts, crowding, hypervolume. Smaller is better.

/// Whether `a` is at least as good as `b` in everything and better in something.
pub fn dominates(a: &[f64], b: &[f64]) -> bool {
    a.iter().zip(b).all(|(x, y)| x <= y) && a.iter().zip(b).any(|(x, y)| x < y)
}

/// Positions of the points that none dominates, in ascending order.
///
/// ```
/// use preau::experiment::optimize::front;
/// let points = vec![vec![1.0, 4.0], vec![2.0, 2.0], vec![3.0, 3.0], vec![4.0, 1.0]];
/// assert_eq!(front(&points), [0, 1, 3]);
/// ```
pub fn front(points: &[Vec<f64>]) -> Vec<usize> {
    (0..points.len())
        .filter(|i| !points.iter().any(|other| dominates(other, &points[*i])))
        .collect()
}

/// Positions front by front: the first front, what is a front without it, and so on (Deb and others 2002).
pub fn fronts(points: &[Vec<f64>]) -> Vec<Vec<usize>> {
    let mut left: Vec<usize> = (0..points.len()).collect();
    let mut found = vec![];
    while !left.is_empty() {
        let part: Vec<Vec<f64>> = left.iter().map(|i| points[*i].clone()).collect();
        let first: Vec<usize> = front(&part).into_iter().map(|i| left[i]).collect();
        left.retain(|i| !first.contains(i));
        found.push(first);
    }
    found
}

/// Crowding distance of each point of a front: the size of the box between its neighbours, in shares of the front's extent;
/// infinite at the ends (Deb and others 2002).
pub fn crowding(points: &[&[f64]]) -> Vec<f64> {
    let mut distance = vec![0.0; points.len()];
    for objective in 0..points.first().map_or(0, |p| p.len()) {
        let mut order: Vec<usize> = (0..points.len()).collect();
        order.sort_by(|a, b| points[*a][objective].total_cmp(&points[*b][objective]));
        let (Some(low), Some(high)) = (order.first().copied(), order.last().copied()) else {
            continue;
        };
        let extent = points[high][objective] - points[low][objective];
        distance[low] = f64::INFINITY;
        distance[high] = f64::INFINITY;
        if extent > 0.0 {
            for three in order.windows(3) {
                distance[three[1]] += (points[three[2]][objective] - points[three[0]][objective]) / extent;
            }
        }
    }
    distance
}

/// The volume that points dominate below a reference (Zitzler and Thiele 1998), by slices along the last objective; points
/// that do not lie below the reference count for nothing. Exact, and fast enough for fronts of some hundred points in three
/// objectives.
///
/// ```
/// use preau::experiment::optimize::hypervolume;
/// assert_eq!(hypervolume(&[vec![1.0, 2.0], vec![2.0, 1.0]], &[3.0, 3.0]), 3.0);
/// ```
pub fn hypervolume(points: &[Vec<f64>], reference: &[f64]) -> f64 {
    let below = |p: &&Vec<f64>| p.iter().zip(reference).all(|(x, r)| x < r);
    let points: Vec<Vec<f64>> = points.iter().filter(below).cloned().collect();
    let Some((last, others)) = reference.split_last() else {
        return 0.0;
    };
    if others.is_empty() {
        let best = points.iter().map(|p| p[0]).fold(*last, f64::min);
        return last - best;
    }
    let mut levels: Vec<f64> = points.iter().map(|p| p[others.len()]).collect();
    levels.sort_by(f64::total_cmp);
    levels.dedup();
    let mut volume = 0.0;
    for (i, level) in levels.iter().enumerate() {
        let height = levels.get(i + 1).unwrap_or(last) - level;
        let reached = points.iter().filter(|p| p[others.len()] <= *level);
        let slice: Vec<Vec<f64>> = reached.map(|p| p[..others.len()].to_vec()).collect();
        let slice: Vec<Vec<f64>> = front(&slice).into_iter().map(|i| slice[i].clone()).collect();
        volume += height * hypervolume(&slice, others);
    }
    volume
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_points_do_not_dominate_each_other() {
        let points = vec![vec![1.0, 1.0], vec![1.0, 1.0], vec![1.0, 2.0]];
        assert_eq!(front(&points), [0, 1]);
        assert_eq!(fronts(&points), [vec![0, 1], vec![2]]);
        assert!(fronts(&[]).is_empty());
    }

    #[test]
    fn volumes_of_boxes_add_up_without_their_overlap() {
        // Two boxes of 2·2·2 and 1·3·1 that overlap in 1·2·1.
        let points = vec![vec![1.0, 1.0, 1.0], vec![2.0, 0.0, 2.0]];
        assert_eq!(hypervolume(&points, &[3.0, 3.0, 3.0]), 8.0 + 3.0 - 2.0);
        assert_eq!(hypervolume(&[vec![4.0, 0.0]], &[3.0, 3.0]), 0.0);
        assert_eq!(hypervolume(&[vec![1.0]], &[3.0]), 2.0);
    }

    #[test]
    fn lonely_points_have_room() {
        let points: [&[f64]; 4] = [&[0.0, 1.0], &[0.1, 0.9], &[0.6, 0.3], &[1.0, 0.0]];
        let d = crowding(&points);
        assert!(d[0].is_infinite() && d[3].is_infinite() && d[2] > d[1], "{d:?}");
    }
}
