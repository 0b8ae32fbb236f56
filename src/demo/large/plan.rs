//! The 232 plans of a large book and what a quantity costs on them, in whole numbers only.

/// Plans of a book. Those with a number divisible by eleven are retired and nobody has them.
pub const PLANS: u64 = 232;
/// Plans that are sold.
pub const SOLD: u64 = PLANS - PLANS / 11;

/// One plan, by its number from 1 to [`PLANS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan(pub u64);

/// Cents, exactly: `num / den`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CentsRatio {
    /// Numerator.
    pub num: i128,
    /// Denominator, above nought.
    pub den: i128,
}

impl CentsRatio {
    /// Half-up (away from zero) to whole cents; amounts here are never below nought.
    pub fn half_up(self) -> i64 {
        i64::try_from((2 * self.num + self.den).div_euclid(2 * self.den)).unwrap_or(i64::MAX)
    }

    /// Plus a fraction of whole cents.
    #[must_use]
    pub fn plus(self, num: i128, den: i128) -> Self {
        Self { num: self.num * den + num * self.den, den: self.den * den }
    }
}

impl Plan {
    /// The `k`-th plan that is sold, `k` from nought.
    pub const fn sold(k: u64) -> Self {
        Self(k + 1 + k / 10)
    }

    /// Sold or retired.
    pub const fn active(self) -> bool {
        !self.0.is_multiple_of(11)
    }

    /// Flat price in cents: 10.00 to 1,165.00.
    pub fn flat_cents(self) -> i64 {
        i64::try_from((5 + 5 * self.0) * 100).unwrap_or(0)
    }

    /// Included units of a month.
    pub const fn included(self) -> u64 {
        self.0 * 10_000
    }

    /// Whether the price is per 3,600 units (even plans) or per unit.
    pub const fn per_package(self) -> bool {
        self.0.is_multiple_of(2)
    }

    /// The price's digits: millionths per unit, or ten-thousandths per 3,600 units. The latter end in no decimal when
    /// divided by 3,600, so a price stored per unit would lose money.
    pub const fn price_digits(self) -> u64 {
        let micro = 37 + 13 * self.0;
        if self.per_package() { micro * 36 + 1 } else { micro }
    }

    /// What a used quantity (in ten-thousandths of a unit) comes to beyond what is included, exactly.
    pub fn overage(self, used: u64) -> CentsRatio {
        let over = i128::from(used.saturating_sub(self.included() * 10_000));
        let num = over * i128::from(self.price_digits());
        // Ten-thousandths of units × price digits, in cents: per unit 10^4 × 10^6 ÷ 100, per package 10^4 × 3,600 × 10^4 ÷ 100.
        CentsRatio { num, den: if self.per_package() { 3_600_000_000 } else { 100_000_000 } }
    }
}
