use super::*;
use proptest::prelude::*;

fn names(prefix: &str, count: usize) -> Vec<String> {
    (0..count).map(|number| format!("{prefix}{number}")).collect()
}

fn counts(rows: Dimension, columns: Option<Dimension>, cells: Vec<Vec<u32>>) -> Counts {
    let width = if columns.is_some() { cells[0].len() } else { 0 };
    Counts { rows, columns, row_names: names("r", cells.len()), column_names: names("c", width), cells }
}

fn list(totals: &[Option<i64>], total: Option<i64>) -> Table {
    Table {
        rows: Dimension::Age,
        columns: None,
        row_names: names("r", totals.len()),
        column_names: Vec::new(),
        cells: vec![Vec::new(); totals.len()],
        row_totals: totals.to_vec(),
        column_totals: Vec::new(),
        total,
    }
}

fn square(
    cells: [[Option<i64>; 2]; 2],
    row_totals: [Option<i64>; 2],
    column_totals: [Option<i64>; 2],
    total: Option<i64>,
) -> Table {
    Table {
        rows: Dimension::Sex,
        columns: Some(Dimension::Age),
        row_names: names("r", 2),
        column_names: names("c", 2),
        cells: cells.iter().map(|row| row.to_vec()).collect(),
        row_totals: row_totals.to_vec(),
        column_totals: column_totals.to_vec(),
        total,
    }
}

#[test]
fn what_gives_somebody_away_is_refused() {
    assert_eq!(check(&list(&[Some(20), Some(30)], Some(50)), None), Ok(()));
    assert_eq!(check(&list(&[Some(20), Some(31)], Some(50)), None), Err(Exposure::NotRounded));
    assert_eq!(check(&list(&[Some(20), Some(5)], Some(25)), None), Err(Exposure::SmallCell));
    assert_eq!(check(&list(&[Some(20), None], Some(25)), None), Err(Exposure::Computable));
    assert_eq!(check(&list(&[Some(20), None, None], Some(40)), None), Ok(()));
    // Two suppressed numbers that add up to nearly nothing are as good as shown.
    assert_eq!(check(&list(&[Some(20), None, None], Some(20)), None), Err(Exposure::Computable));
    assert_eq!(check(&list(&[Some(20), Some(30)], Some(100)), None), Err(Exposure::BadTable));
    let double = Table { row_names: vec!["a".to_owned(), "a ".to_owned()], ..list(&[Some(20), Some(30)], Some(50)) };
    assert_eq!(check(&double, None), Err(Exposure::BadTable));
}

#[test]
fn a_lone_suppressed_number_of_a_row_is_computed_from_its_margins() {
    let lone = square([[None, Some(20)], [None, Some(20)]], [Some(25), Some(40)], [Some(25), Some(40)], Some(65));
    assert_eq!(check(&lone, None), Err(Exposure::Computable));
    let four = square([[None, None], [None, None]], [Some(40), Some(40)], [Some(40), Some(40)], Some(80));
    assert_eq!(check(&four, None), Ok(()));
    let diagonal = square([[None, Some(20)], [Some(20), None]], [Some(40), Some(40)], [Some(40), Some(40)], Some(80));
    assert_eq!(check(&diagonal, None), Err(Exposure::Computable));
}

#[test]
fn nationality_site_and_age_never_come_together() {
    let by = |rows, columns| Table {
        rows,
        columns: Some(columns),
        ..square([[Some(60); 2]; 2], [Some(120); 2], [Some(120); 2], Some(240))
    };
    let table = by(Dimension::Nationality, Dimension::Age);
    assert_eq!(check(&table, None), Ok(()));
    assert_eq!(check(&table, Some(Dimension::Site)), Err(Exposure::ThreeDimensions));
    assert_eq!(check(&by(Dimension::Site, Dimension::Age), Some(Dimension::Nationality)), Err(Exposure::ThreeDimensions));
    assert_eq!(check(&by(Dimension::Site, Dimension::Sex), Some(Dimension::Nationality)), Ok(()));
}

#[test]
fn small_nationalities_are_merged_and_never_alone() {
    let table = prepare(&counts(Dimension::Nationality, None, vec![vec![400], vec![3], vec![70], vec![90]]));
    assert_eq!(table.row_names, ["r0", "r3", "other"]);
    assert_eq!(table.row_totals, [Some(400), Some(90), Some(75)]);
    let named = Table { rows: Dimension::Nationality, ..list(&[Some(45), Some(60)], Some(105)) };
    assert_eq!(check(&named, None), Err(Exposure::SmallNationality));
}

#[test]
fn zero_is_shown_and_small_numbers_are_not() {
    let table = prepare(&counts(Dimension::Sex, Some(Dimension::Age), vec![vec![0, 40, 33], vec![3, 52, 61]]));
    assert_eq!(table.cells[0][0], Some(0));
    assert_eq!(table.cells[1][0], None);
    assert_eq!(check(&table, None), Ok(()));
}

/// A count as camps have them: often none, often few, sometimes many.
fn count() -> impl Strategy<Value = u32> {
    prop_oneof![Just(0_u32), 1..10_u32, 10..30_u32, 30..400_u32]
}

fn dimensions() -> impl Strategy<Value = (Dimension, Option<Dimension>)> {
    let two = |rows, columns| Just((rows, Some(columns)));
    prop_oneof![
        Just((Dimension::Age, None)),
        Just((Dimension::Nationality, None)),
        two(Dimension::Sex, Dimension::Age),
        two(Dimension::Nationality, Dimension::Age),
        two(Dimension::Stage, Dimension::Nationality),
    ]
}

fn any_counts(rows: usize, columns: usize) -> impl Strategy<Value = Counts> {
    (dimensions(), 1..=rows, 1..=columns).prop_flat_map(|((rows, columns), height, width)| {
        let width = if columns.is_some() { width } else { 1 };
        let cells = proptest::collection::vec(proptest::collection::vec(count(), width), height);
        cells.prop_map(move |cells| counts(rows, columns, cells))
    })
}

/// Every value that a suppressed cell of a small table can have, tried out.
fn possible(table: &Table) -> Vec<BTreeSet<i64>> {
    const MOST: i64 = 24;
    let (rows, columns) = (table.row_names.len(), table.column_names.len());
    let fits = |shown: Option<i64>, sum: i64| match shown {
        Some(0) => sum == 0,
        Some(shown) => sum >= LEAST && (sum - shown).abs() <= HALF,
        None => sum >= 1,
    };
    let cells: Vec<Option<i64>> = table.cells.iter().flatten().copied().collect();
    let mut found = vec![BTreeSet::new(); cells.len()];
    let mut tried: Vec<Vec<i64>> = vec![Vec::new()];
    for cell in &cells {
        let values: Vec<i64> = match cell {
            Some(shown) => (0..=shown + HALF).filter(|value| fits(Some(*shown), *value)).collect(),
            None => (1..=MOST).collect(),
        };
        tried = tried.iter().flat_map(|begun| values.iter().map(move |value| [begun.as_slice(), &[*value]].concat())).collect();
    }
    for cells in tried {
        let row = |row: usize| cells[row * columns..(row + 1) * columns].iter().sum::<i64>();
        let column = |column: usize| (0..rows).map(|row| cells[row * columns + column]).sum::<i64>();
        let sums = (0..rows).all(|r| fits(table.row_totals[r], row(r)))
            && (0..columns).all(|c| fits(table.column_totals[c], column(c)))
            && fits(table.total, cells.iter().sum());
        if sums {
            for (value, set) in cells.iter().zip(&mut found) {
                set.insert(*value);
            }
        }
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_prepared_may_be_published(counts in any_counts(6, 4)) {
        prop_assert_eq!(check(&prepare(&counts), None), Ok(()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 30, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_suppressed_number_can_be_found_by_trying(cells in proptest::collection::vec(proptest::collection::vec(0..16_u32, 2), 2)) {
        let table = prepare(&counts(Dimension::Sex, Some(Dimension::Age), cells));
        let found = possible(&table);
        for (cell, values) in table.cells.iter().flatten().zip(found) {
            prop_assert!(cell.is_some() || values.len() >= 5, "{table:?}: {values:?}");
        }
    }
}
