// The sum where an invocation has no neighbours to share with, or no subgroup operations to reach them.
fn sum_of_lanes(own: f32) -> f32 { return own; }
