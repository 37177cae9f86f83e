//! Plans: sizes of profiles against the limits of real drivers, without a driver.

use tierbench::adapter::{Capability, DeviceError, MatrixShape};
use tierbench::plan::Plan;
use tierbench::workload::{Unit, Workload};

/// Limits as Mesa 26.1 reports them through wgpu 30.
struct Driver {
    name: &'static str,
    subgroup: Option<u32>,
    f16: bool,
    matrices: bool,
    workgroup_bytes: u32,
    binding_bytes: u64,
}

const MOST: u64 = (1 << 31) - 4;
const KIB: u32 = 1024;

const DRIVERS: &[Driver] = &[
    Driver {
        name: "NVK",
        subgroup: Some(32),
        f16: true,
        matrices: true,
        workgroup_bytes: 48 * KIB,
        binding_bytes: MOST,
    },
    Driver {
        name: "RADV, RDNA 3 and 4",
        subgroup: None,
        f16: true,
        matrices: true,
        workgroup_bytes: 64 * KIB,
        binding_bytes: MOST,
    },
    Driver {
        name: "RADV, GCN",
        subgroup: Some(64),
        f16: true,
        matrices: false,
        workgroup_bytes: 64 * KIB,
        binding_bytes: MOST,
    },
    Driver {
        name: "Honeykrisp",
        subgroup: Some(32),
        f16: true,
        matrices: false,
        workgroup_bytes: 32 * KIB,
        binding_bytes: MOST,
    },
    Driver {
        name: "Turnip",
        subgroup: None,
        f16: false,
        matrices: false,
        workgroup_bytes: 32 * KIB,
        binding_bytes: 1 << 27,
    },
];

fn capability(driver: &Driver) -> Capability {
    let square = |accumulate: &str| MatrixShape {
        m: 16,
        n: 16,
        k: 16,
        input: "f16".into(),
        accumulate: accumulate.into(),
    };
    Capability {
        f16: driver.f16,
        int16: true,
        int64: true,
        subgroups: true,
        subgroup_size: driver.subgroup,
        subgroup_least: driver.subgroup.or(Some(32)),
        subgroup_most: driver.subgroup.or(Some(64)),
        timestamps: true,
        cooperative_matrices: if driver.matrices {
            vec![square("f16"), square("f32")]
        } else {
            Vec::new()
        },
        max_workgroup_storage_bytes: driver.workgroup_bytes,
        max_invocations_per_workgroup: 1024,
        max_workgroups_per_dimension: 65_535,
        max_binding_bytes: driver.binding_bytes,
        max_buffer_bytes: (1 << 31) - 1,
        barriers_are_slow: false,
    }
}

const PROFILES: [&str; 4] = ["smoke", "quick", "standard", "audit"];

fn plan(profile: &str) -> Plan {
    Plan::new(profile, Vec::new(), false, Some(1)).unwrap()
}

/// Whether a workload lacks a feature of the device rather than room.
fn lacks_a_feature(workload: &Workload, capability: &Capability) -> bool {
    let matrix = matches!(workload, Workload::Roof { unit: Unit::Matrix, .. })
        || workload.to_string().starts_with("matmul:f16/f16");
    let f16 = matches!(workload, Workload::Roof { .. }) && workload.to_string().contains(":f16");
    (matrix && capability.matrix_edge("f16", "f32").is_err()) || (f16 && !capability.f16)
}

#[test]
fn every_workload_of_every_hardware_profile_fits_real_drivers() {
    for driver in DRIVERS {
        let capability = capability(driver);
        for profile in PROFILES {
            let plan = plan(profile).fitted(&capability);
            for workload in &plan.workloads {
                let refused = workload.jobs(&capability).err();
                // Products and heads of 8192 are larger than a binding of 128 MiB; streams are made to fit.
                let too_large = driver.binding_bytes < MOST
                    && matches!(profile, "standard" | "audit")
                    && !matches!(workload, Workload::Bandwidth { .. });
                let admitted = lacks_a_feature(workload, &capability) || too_large;
                assert!(
                    refused.is_none() || admitted,
                    "{}, {profile}, {workload}: {}",
                    driver.name,
                    refused.unwrap_or_default()
                );
            }
            // What fits as it is stays as it is.
            assert!(plan.shrunk.is_empty() || driver.binding_bytes < MOST, "{:?}", plan.shrunk);
        }
    }
}

#[test]
fn a_size_of_a_profile_shrinks_to_the_limits_and_says_so_and_one_that_was_asked_for_does_not() {
    let turnip = capability(&DRIVERS[4]);
    let shrunk = plan("quick").fitted(&turnip);
    assert_eq!(shrunk.shrunk.len(), 4);
    assert!(
        shrunk.shrunk[1].contains("133169152 instead of 1073741824 bytes"),
        "{:?}",
        shrunk.shrunk
    );
    assert!(shrunk.record().workloads.contains(&"bandwidth-write:133169152".to_owned()));
    let asked = "bandwidth-copy:1073741824".parse().unwrap();
    let custom = Plan::new("quick", vec![asked], false, Some(1)).unwrap().fitted(&turnip);
    assert!(custom.shrunk.is_empty() && custom.workloads == [asked]);
}

#[test]
fn a_size_that_memory_does_not_hold_is_halved_once() {
    let mut plan = plan("quick");
    let mut tried = Vec::new();
    plan.fit_memory(|workload| {
        tried.push(workload.to_string());
        match workload {
            // Three buffers are one too many.
            Workload::Bandwidth { .. } if workload.name() == "bandwidth-triad" => {
                Err(DeviceError::OutOfMemory("full".into()))
            }
            _ => Err(DeviceError::Refused("another reason".into())),
        }
    });
    assert_eq!(tried.len(), 4, "only bandwidth is tried");
    assert_eq!(plan.shrunk.len(), 1);
    assert!(plan.shrunk[0].contains("536870912 instead of 1073741824"), "{:?}", plan.shrunk);
    assert!(plan.record().workloads.contains(&"bandwidth-triad:536870912".to_owned()));
}
