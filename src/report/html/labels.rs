//! Places for labels, so that none covers another.

/// Moves places apart until each has its gap, as little as needed and within bounds. They come back
/// in the order they were given in.
pub(super) fn spread(places: &[f64], gap: f64, (low, high): (f64, f64)) -> Vec<f64> {
    let mut order: Vec<usize> = (0..places.len()).collect();
    order.sort_by(|a, b| places[*a].total_cmp(&places[*b]));
    // Runs of labels that touch are one block, centered on what its members want.
    let mut blocks: Vec<(f64, Vec<usize>)> = Vec::new();
    let clamp = |start: f64, count: usize| start.min(high - gap * (count - 1) as f64).max(low);
    for index in order {
        let mut block = (clamp(places[index], 1), vec![index]);
        while let Some((start, members)) = blocks.pop() {
            if start + gap * members.len() as f64 <= block.0 {
                blocks.push((start, members));
                break;
            }
            let members: Vec<usize> = members.into_iter().chain(block.1).collect();
            let wanted = members.iter().enumerate().map(|(n, i)| places[*i] - gap * n as f64);
            let start = wanted.sum::<f64>() / members.len() as f64;
            block = (clamp(start, members.len()), members);
        }
        blocks.push(block);
    }
    let mut result = vec![0.0; places.len()];
    for (start, members) in blocks {
        for (n, index) in members.into_iter().enumerate() {
            result[index] = start + gap * n as f64;
        }
    }
    result
}

/// A rectangle that is taken.
#[derive(Clone, Copy, Debug)]
pub(super) struct Area {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) right: f64,
    pub(super) bottom: f64,
}

impl Area {
    pub(super) fn around((x, y): (f64, f64), half: f64) -> Self {
        Self { left: x - half, top: y - half, right: x + half, bottom: y + half }
    }

    pub(super) fn meets(&self, other: &Self) -> bool {
        self.left < other.right
            && other.left < self.right
            && self.top < other.bottom
            && other.top < self.bottom
    }

    fn within(&self, other: &Self) -> bool {
        self.left >= other.left
            && self.right <= other.right
            && self.top >= other.top
            && self.bottom <= other.bottom
    }
}

/// The free place for a label of this size nearest to a point, below what is `taken` already.
pub(super) fn place(
    (x, y): (f64, f64),
    (width, height): (f64, f64),
    bounds: &Area,
    taken: &[Area],
) -> Option<Area> {
    let near = 9.0;
    for distance in (0..14).map(|n| f64::from(n) * 9.0) {
        let d = near + distance;
        let corners = [
            (x + d, y - height / 2.0),
            (x - d - width, y - height / 2.0),
            (x - width / 2.0, y - d - height),
            (x - width / 2.0, y + d),
            (x + d, y - d - height),
            (x + d, y + d),
            (x - d - width, y - d - height),
            (x - d - width, y + d),
        ];
        let free = corners.into_iter().find_map(|(left, top)| {
            let area = Area { left, top, right: left + width, bottom: top + height };
            let clear = |area: &Area| !taken.iter().any(|t| t.meets(area));
            let seen = || path((x, y), &area).iter().all(clear);
            (area.within(bounds) && clear(&area) && seen()).then_some(area)
        });
        if free.is_some() {
            return free;
        }
    }
    None
}

/// The way from a marker to its label, in small squares: no other label may cover it.
pub(super) fn path(at: (f64, f64), label: &Area) -> Vec<Area> {
    let end = (at.0.clamp(label.left, label.right), at.1.clamp(label.top, label.bottom));
    let length = (end.0 - at.0).hypot(end.1 - at.1);
    let steps = (length / 4.0).floor() as u32;
    let along = (2..steps).map(|step| f64::from(step) * 4.0 / length);
    along
        .map(|share| {
            let (x, y) = (at.0 + (end.0 - at.0) * share, at.1 + (end.1 - at.1) * share);
            Area::around((x, y), 1.0)
        })
        .collect()
}

/// Equal sides of a shape as a power: `512x512x512` is `512³`.
pub(super) fn short(name: &str) -> String {
    let (front, shape) = name.rsplit_once(' ').unwrap_or(("", name));
    let sides: Vec<&str> = shape.split('x').collect();
    match sides.as_slice() {
        [m, n, k] if m == n && n == k => format!("{front} {m}³").trim().to_owned(),
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn labels_that_fit_stay_where_they_are() {
        assert_eq!(spread(&[10.0, 50.0, 30.0], 15.0, (0.0, 100.0)), [10.0, 50.0, 30.0]);
        assert_eq!(spread(&[50.0, 50.0], 10.0, (0.0, 100.0)), [45.0, 55.0]);
    }

    #[test]
    fn equal_sides_are_written_as_a_power() {
        assert_eq!(short("matmul f32 512x512x512"), "matmul f32 512³");
        assert_eq!(short("64x64x64"), "64³");
        assert_eq!(short("attention f32 1x4x512x64"), "attention f32 1x4x512x64");
    }

    proptest! {
        #[test]
        fn spread_labels_keep_their_gap_their_order_and_their_bounds(
            places in proptest::collection::vec(0.0f64..300.0, 0..12)
        ) {
            let result = spread(&places, 15.0, (0.0, 300.0));
            for (i, a) in result.iter().enumerate() {
                prop_assert!((-1e-6..=300.0 + 1e-6).contains(a));
                for (j, b) in result.iter().enumerate().take(i) {
                    prop_assert!((a - b).abs() >= 15.0 - 1e-6);
                    prop_assert!(places[i] == places[j] || (places[i] < places[j]) == (a < b));
                }
            }
        }
    }
}
