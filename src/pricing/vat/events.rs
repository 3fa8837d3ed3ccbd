//! Admission to cultural and sporting events.
//!
//! Only countries where both have a reduced rate, whatever the event; of two such rates the higher one. Elsewhere the rate depends
//! on the kind of event (a play, a concert, a professional match) or on who organises it, and the standard rate is used: Germany,
//! Spain, France, Italy, Ireland, Portugal, Greece, Croatia, Hungary, Lithuania, Malta, Romania, Slovakia, Norway, Switzerland.

use super::{Kind::Event, Row, row};

const TEDB: &str = "European Commission, Taxes in Europe Database";

pub(super) const ROWS: &[Row] = &[
    row("AT", Event, 1_300, (2016, 1, 1), TEDB),
    row("BE", Event, 600, (1996, 1, 1), TEDB),
    row(
        "BE",
        Event,
        1_200,
        (2026, 3, 1),
        "uncertain: budget 2026; theatre, classical music, opera, dance and circus keep 6 %",
    ),
    row(
        "CY",
        Event,
        500,
        (2018, 1, 1),
        "uncertain: Taxes in Europe Database; some performances may have 3 %",
    ),
    row("CZ", Event, 1_000, (2020, 7, 1), TEDB),
    row("CZ", Event, 1_200, (2024, 1, 1), "Act 349/2023"),
    row(
        "FI",
        Event,
        1_000,
        (2013, 1, 1),
        "Value Added Tax Act (1501/1993), section 85 a",
    ),
    row(
        "FI",
        Event,
        1_400,
        (2025, 1, 1),
        "Value Added Tax Act (1501/1993), section 85, as amended from 2025",
    ),
    row(
        "FI",
        Event,
        1_350,
        (2026, 1, 1),
        "Value Added Tax Act (1501/1993), section 85, as amended from 2026",
    ),
    row("LU", Event, 300, (1992, 1, 1), TEDB),
    row("NL", Event, 900, (2019, 1, 1), TEDB),
    row(
        "PL",
        Event,
        800,
        (2011, 1, 1),
        "Polish VAT Act, annex 3: admission to entertainment, culture and sport",
    ),
    row(
        "SE",
        Event,
        600,
        (2001, 1, 1),
        "Swedish VAT Act (2023:200), chapter 9: performances and sporting events",
    ),
    row("SI", Event, 950, (2013, 7, 1), TEDB),
];
