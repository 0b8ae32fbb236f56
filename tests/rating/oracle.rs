//! Fractions of whole numbers, and the slow way to everything: counted unit by unit, day by day, candidate by candidate.
//! Nothing of the program is used here.

use dualrun::domain::exact::Exact;

/// `num / den` in lowest terms, `den > 0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frac {
    pub num: i128,
    pub den: i128,
}

impl Frac {
    pub const ZERO: Self = Self { num: 0, den: 1 };

    pub fn new(num: i128, den: i128) -> Self {
        let (mut a, mut b) = (num.abs(), den.abs());
        while b != 0 {
            (a, b) = (b, a % b);
        }
        let g = a.max(1) * den.signum();
        Self { num: num / g, den: den / g }
    }

    pub fn plus(self, other: Self) -> Self {
        Self::new(self.num * other.den + other.num * self.den, self.den * other.den)
    }

    pub fn times(self, other: Self) -> Self {
        Self::new(self.num * other.num, self.den * other.den)
    }

    pub fn minus(self, other: Self) -> Self {
        self.plus(Self::new(-other.num, other.den))
    }

    /// The program's number of the same value.
    pub fn exact(self) -> Exact {
        Exact::ratio(self.num, self.den).unwrap()
    }

    pub fn at_most(self, other: Self) -> bool {
        self.num * other.den <= other.num * self.den
    }
}

/// A tier in tenths of units and thousandths of money.
#[derive(Debug, Clone, Copy)]
pub struct OracleTier {
    pub up_to: Option<i128>,
    pub unit: i128,
    pub flat: i128,
}

/// Graduated, tenth by tenth of a unit.
pub fn graduated(tiers: &[OracleTier], tenths: i128) -> Frac {
    let tier_of = |tenth: i128| tiers.iter().position(|t| t.up_to.is_none_or(|bound| tenth <= bound)).unwrap();
    let mut sum = Frac::new(tiers[0].flat, 1000);
    let mut entered = 0;
    for tenth in 1..=tenths {
        let tier = tier_of(tenth);
        while entered < tier {
            entered += 1;
            sum = sum.plus(Frac::new(tiers[entered].flat, 1000));
        }
        sum = sum.plus(Frac::new(tiers[tier].unit, 10_000));
    }
    sum
}

/// Volume: the first tier that holds the quantity.
pub fn volume(tiers: &[OracleTier], tenths: i128) -> Frac {
    let tier = tiers.iter().find(|t| t.up_to.is_none_or(|bound| tenths <= bound)).unwrap();
    Frac::new(tier.unit * tenths, 10_000).plus(Frac::new(tier.flat, 1000))
}

/// Packages, taken away one at a time.
pub fn packages(mut tenths: i128, free: i128, size: i128, up: bool) -> i128 {
    tenths -= free;
    let mut packages = 0;
    while if up { tenths > 0 } else { tenths >= size } {
        tenths -= size;
        packages += 1;
    }
    packages
}

/// Rounded to whole numbers: of the whole numbers around it, the one the mode asks for.
pub fn rounded(num: i128, den: i128, mode: &str) -> i128 {
    let mut below = num / den;
    while below * den > num {
        below -= 1;
    }
    if below * den == num {
        return below;
    }
    let above = below + 1;
    let (near_below, near_above) = (num - below * den, above * den - num);
    let (towards, away) = if num > 0 { (below, above) } else { (above, below) };
    let nearest = |tie: i128| match near_below.cmp(&near_above) {
        std::cmp::Ordering::Less => below,
        std::cmp::Ordering::Greater => above,
        std::cmp::Ordering::Equal => tie,
    };
    match mode {
        "half_up" => nearest(away),
        "half_down" => nearest(towards),
        "half_even" => nearest(if below % 2 == 0 { below } else { above }),
        "up" => away,
        "down" => towards,
        "ceil" => above,
        "floor" => below,
        other => panic!("no mode {other}"),
    }
}

/// Length of a month.
pub fn month_days(year: i32, month: u32) -> u32 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 31,
    }
}
