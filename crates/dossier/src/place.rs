//! Places, and how precisely they are known.
//!
//! A place is never more precise than its source: a governorate is not a point in its middle.

use crate::act::{Field, Shape};
use crate::choices;
use crate::sheet::{Datum, Fact};
use serde::{Deserialize, Serialize};

choices! {
    /// How precisely a place is known.
    Precision {
        /// Somewhere in a governorate or province.
        Governorate = "governorate",
        /// Somewhere in a district.
        District = "district",
        /// Within a radius of a point.
        Point = "point",
    }
}

/// A place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// What it is called.
    pub name: String,
    /// How precisely it is known.
    pub precision: Precision,
    /// Degrees north of the equator (WGS 84), in text with at most five digits after the point. For a point only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latitude: Option<String>,
    /// Degrees east of Greenwich (WGS 84). For a point only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub longitude: Option<String>,
    /// Within how many metres of the point it lies. For a point only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub radius: Option<i64>,
}

impl Place {
    /// The fields of a place.
    pub const FIELDS: &'static [Field] = &[
        Field { name: "name", required: true, shape: Shape::Text(200) },
        Field { name: "precision", required: true, shape: Shape::Choice(Precision::NAMES) },
        Field { name: "latitude", required: false, shape: Shape::Decimal(-90, 90, 5) },
        Field { name: "longitude", required: false, shape: Shape::Decimal(-180, 180, 5) },
        Field { name: "radius", required: false, shape: Shape::Whole(1, 500_000) },
    ];

    /// One place, as a field of an act.
    pub const SHAPE: Shape = Shape::Group(Self::FIELDS);

    /// Whether it says exactly as much as its precision allows: a point has coordinates and a radius, all else has none.
    #[must_use]
    pub fn is_coherent(&self) -> bool {
        let given = [self.latitude.is_some(), self.longitude.is_some(), self.radius.is_some()];
        given == [self.precision == Precision::Point; 3]
    }

    /// The place as facts of a sheet.
    #[must_use]
    pub fn facts(&self) -> Vec<Fact> {
        let mut facts = vec![Fact::new("place", Datum::Text(self.name.clone())), Fact::term("precision", self.precision.name())];
        if let (Some(latitude), Some(longitude)) = (&self.latitude, &self.longitude) {
            facts.push(Fact::new("point", Datum::Text(format!("{latitude}, {longitude}"))));
        }
        facts.extend(self.radius.map(|radius| Fact::new("radius", Datum::Number(radius))));
        facts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_no_more_precise_than_it_says() {
        let governorate =
            Place {
                name: "الأنبار".to_owned(), precision: Precision::Governorate, latitude: None, longitude: None, radius: None
            };
        assert!(governorate.is_coherent());
        let point = Place {
            precision: Precision::Point,
            latitude: Some("34.36".to_owned()),
            longitude: Some("41.09".to_owned()),
            radius: Some(2000),
            ..governorate.clone()
        };
        assert!(point.is_coherent());
        assert!(!Place { radius: None, ..point.clone() }.is_coherent());
        assert!(!Place { precision: Precision::District, ..point }.is_coherent());
    }
}
