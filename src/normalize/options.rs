//! Where the rule text leaves room, the reading is an option, named in every answer.
//!
//! The open points are those of 3A090 Technical Note 2 and of the note on APP; each option lists its
//! readings, the usual one first.

use std::fmt;

use serde::Serialize;

/// One open point and how it is read.
macro_rules! readings {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $text)] $variant),+
        }

        impl $name {
            /// Every reading, the usual one first.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// As it is written on the command line and in answers.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                let found = Self::ALL.iter().find(|reading| reading.name() == text);
                let names: Vec<&str> = Self::ALL.iter().map(|reading| reading.name()).collect();
                found.copied().ok_or_else(|| format!("{text:?}: take {}", names.join(" or ")))
            }
        }
    };
}

readings! {
    /// Clock of the theoretical peak.
    Clock {
        /// The one behind the data sheet's figures.
        #[default]
        DataSheet = "data-sheet",
        /// The highest that the chip can run at.
        Maximum = "maximum",
    }
}

readings! {
    /// "Aggregated over all processing units".
    Aggregation {
        /// The fastest engine alone: the practice of data sheets.
        #[default]
        Engine = "engine",
        /// Matrix and vector engines added up: the literal text.
        Sum = "sum",
    }
}

readings! {
    /// Bit length of a TF32 input.
    Tf32 {
        /// The 19 bits that the multiply uses.
        #[default]
        Used = "used",
        /// The 32 bits that are stored.
        Stored = "stored",
    }
}

readings! {
    /// Bit length of a 4-bit float with a shared scale.
    MicroScaling {
        /// The element alone.
        #[default]
        Element = "element",
        /// With its part of the scale: 4.5 bits.
        WithScale = "with-scale",
    }
}

readings! {
    /// Applicable die area.
    DieArea {
        /// All dies made with non-planar transistors, I/O and base dies too: the text.
        #[default]
        WithIoDies = "with-io-dies",
        /// Compute dies alone, as data sheets count.
        Stated = "stated",
    }
}

readings! {
    /// Weight of APP: whether the item is a vector processor.
    AppWeight {
        /// 0.9
        #[default]
        Vector = "vector",
        /// 0.3
        Other = "other",
    }
}

/// One reading of every open point.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "each type says what it is")]
pub struct Options {
    pub clock: Clock,
    pub aggregation: Aggregation,
    pub tf32: Tf32,
    pub micro_scaling: MicroScaling,
    pub die_area: DieArea,
    pub app_weight: AppWeight,
}

/// A reading that differs from the chosen ones in one point.
#[derive(Clone, Copy, Debug)]
pub struct Deviation {
    /// Name of the option.
    pub option: &'static str,
    /// The other reading.
    pub reading: &'static str,
    /// All readings.
    pub options: Options,
}

impl fmt::Display for Deviation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.option, self.reading)
    }
}

impl Options {
    /// Every set of readings that differs from this one in one point.
    pub fn deviations(self) -> Vec<Deviation> {
        let mut all = Vec::new();
        let mut add = |option, reading, options| {
            if options != self {
                all.push(Deviation { option, reading, options });
            }
        };
        for clock in Clock::ALL {
            add("clock", clock.name(), Self { clock: *clock, ..self });
        }
        for aggregation in Aggregation::ALL {
            add("aggregation", aggregation.name(), Self { aggregation: *aggregation, ..self });
        }
        for tf32 in Tf32::ALL {
            add("tf32", tf32.name(), Self { tf32: *tf32, ..self });
        }
        for micro in MicroScaling::ALL {
            add("micro-scaling", micro.name(), Self { micro_scaling: *micro, ..self });
        }
        for area in DieArea::ALL {
            add("die-area", area.name(), Self { die_area: *area, ..self });
        }
        for weight in AppWeight::ALL {
            add("app-weight", weight.name(), Self { app_weight: *weight, ..self });
        }
        all
    }
}
