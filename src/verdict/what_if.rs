//! What-if: the smallest change of one figure that flips a clause, and the margin of every condition.

use serde::Serialize;

use crate::error::{Error, Result};
use crate::normalize::{Clause, Figures, Options, Rule, Rulebook, Truth};

/// A figure that can be changed alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Figure {
    /// All rates together, by one factor; TPP and density follow.
    Tops,
    /// Die area.
    DieArea,
    /// DRAM bandwidth.
    Dram,
    /// Link bandwidth.
    Io,
    /// 64-bit floating point.
    Fp64,
}

impl Figure {
    /// Every figure.
    pub const ALL: &[Self] = &[Self::Tops, Self::DieArea, Self::Dram, Self::Io, Self::Fp64];

    /// Name for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tops => "TOPS",
            Self::DieArea => "die area",
            Self::Dram => "DRAM GB/s",
            Self::Io => "link GB/s",
            Self::Fp64 => "FP64 TFLOPS",
        }
    }

    fn value(self, figures: &Figures) -> Option<f64> {
        match self {
            Self::Tops => figures.rates.iter().map(|rate| rate.tops).reduce(f64::max),
            Self::DieArea => figures.die_mm2,
            Self::Dram => figures.dram_gb_per_s,
            Self::Io => figures.io_gb_per_s,
            Self::Fp64 => figures.fp64_tflops,
        }
    }

    fn scaled(self, figures: &Figures, factor: f64) -> Figures {
        let mut changed = figures.clone();
        for other in &mut changed.alternatives {
            *other = self.scaled(other, factor);
        }
        let scale = |value: &mut Option<f64>| *value = value.map(|x| x * factor);
        match self {
            Self::Tops => changed.rates.iter_mut().for_each(|rate| rate.tops *= factor),
            Self::DieArea => scale(&mut changed.die_mm2),
            Self::Dram => scale(&mut changed.dram_gb_per_s),
            Self::Io => scale(&mut changed.io_gb_per_s),
            Self::Fp64 => scale(&mut changed.fp64_tflops),
        }
        changed
    }
}

/// The smallest change of one figure that flips a clause.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Flip {
    /// Rule id.
    pub rule: String,
    /// Clause id.
    pub clause: String,
    /// The figure that changes.
    pub figure: Figure,
    /// New value over old.
    pub factor: f64,
    /// The same in percent of the old value.
    pub change_percent: f64,
    /// New value.
    pub value: f64,
    /// Whether the clause then holds.
    pub then_met: bool,
}

/// How far a quantity is from the limit of a condition.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Margin {
    /// Rule id.
    pub rule: String,
    /// Clause id.
    pub clause: String,
    /// The quantities that are added, with the comparison and the limit.
    pub condition: String,
    /// Declared value; null when unknown.
    pub declared: Option<f64>,
    /// The limit.
    pub limit: f64,
    /// Limit over declared value; null when unknown.
    pub limit_over_declared: Option<f64>,
}

/// Margins of every condition of `rules`, and for every clause and figure the change that flips it.
pub fn what_if(
    rulebook: &Rulebook,
    rules: &[&Rule],
    figures: &Figures,
    options: Options,
) -> Result<(Vec<Margin>, Vec<Flip>)> {
    let subject = figures.subject(options).map_err(Error::Usage)?;
    let mut margins = Vec::new();
    let mut flips = Vec::new();
    for rule in rules {
        for clause in &rule.clause {
            for (names, comparison, limit) in clause.when.comparisons() {
                let value = subject.sum(names).low;
                let value = value.is_finite().then_some(value);
                let names: Vec<&str> = names.iter().map(|name| name.quantity()).collect();
                margins.push(Margin {
                    rule: rule.id.clone(),
                    clause: clause.id.clone(),
                    condition: format!("{} {} {limit}", names.join(" + "), comparison.sign()),
                    declared: value,
                    limit,
                    limit_over_declared: value.filter(|x| *x > 0.0).map(|x| limit / x),
                });
            }
            for figure in Figure::ALL {
                flips.extend(flip(rulebook, rule, clause, figures, options, *figure)?);
            }
        }
    }
    Ok((margins, flips))
}

fn flip(
    rulebook: &Rulebook,
    rule: &Rule,
    clause: &Clause,
    figures: &Figures,
    options: Options,
    figure: Figure,
) -> Result<Option<Flip>> {
    let Some(value) = figure.value(figures).filter(|x| *x > 0.0) else { return Ok(None) };
    let truth = |factor: f64| -> Result<Truth> {
        let subject = figure.scaled(figures, factor).subject(options).map_err(Error::Usage)?;
        Ok(rulebook.evaluate(rule, clause, &subject))
    };
    let now = truth(1.0)?;
    if now == Truth::Undetermined {
        return Ok(None);
    }
    let mut factors = candidates(rulebook, rule, clause, figures, options, figure)?;
    factors.sort_by(|a, b| a.ln().abs().total_cmp(&b.ln().abs()));
    for factor in factors {
        // At the limit, and a hair to either side: which one flips depends on the comparison.
        for factor in [factor, factor * (1.0 + 1e-12), factor * (1.0 - 1e-12)] {
            let then = truth(factor)?;
            if then == !now {
                return Ok(Some(Flip {
                    rule: rule.id.clone(),
                    clause: clause.id.clone(),
                    figure,
                    factor,
                    change_percent: (factor - 1.0) * 100.0,
                    value: value * factor,
                    then_met: then == Truth::Met,
                }));
            }
        }
    }
    Ok(None)
}

/// Factors at which some condition that the clause rests on changes.
fn candidates(
    rulebook: &Rulebook,
    rule: &Rule,
    clause: &Clause,
    figures: &Figures,
    options: Options,
    figure: Figure,
) -> Result<Vec<f64>> {
    let subject = figures.subject(options).map_err(Error::Usage)?;
    // The response of a quantity to the figure is linear, or inverse for the die area.
    let doubled = figure.scaled(figures, 2.0).subject(options).map_err(Error::Usage)?;
    let mut factors = Vec::new();
    for clause in rulebook.rests_on(rule, clause) {
        for (names, _, limit) in clause.when.comparisons() {
            let (now, twice) = (subject.sum(names).low, doubled.sum(names).low);
            if !now.is_finite() || now == twice {
                continue;
            }
            let factor = if twice > now {
                let slope = twice - now;
                1.0 + (limit - now) / slope
            } else {
                now / limit
            };
            if factor > 0.0 && factor.is_finite() {
                factors.push(factor);
            }
        }
    }
    Ok(factors)
}
