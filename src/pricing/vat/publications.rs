//! Books and periodicals supplied electronically (Directive (EU) 2018/1713 lets member states tax them as printed ones).
//!
//! The rates exclude what is mostly advertising, video or audible music; that is a [`super::VatCategory::DigitalService`].
//!
//! No row, so the standard rate:
//! - Denmark: all publications sold as files but news media; the end of VAT on books was announced in August 2025 for 2026, and no
//!   act that brings it into force was found.
//! - Hungary: the 5 % of printed books does not extend to files.
//! - Periodicals in Croatia, Greece, Lithuania, Slovakia and Norway: reduced in print, their electronic form uncertain.

use super::{
    Kind::{Book, Press},
    Row, row,
};

/// "2018 EU harmonised e-publications VAT rates", which lists each state's act with its day.
const LIST: &str = "Avalara VATlive, e-publications after Directive (EU) 2018/1713";
const TEDB: &str = "European Commission, Taxes in Europe Database";

pub(super) const ROWS: &[Row] = &[
    row("AT", Book, 1_000, (2020, 1, 1), LIST),
    row("AT", Press, 1_000, (2020, 1, 1), LIST),
    row("BE", Book, 600, (2019, 4, 1), LIST),
    // Dailies and weeklies of general news with 48 issues a year have 0 %.
    row("BE", Press, 600, (2019, 4, 1), LIST),
    row(
        "BG",
        Book,
        900,
        (2020, 7, 1),
        "Bulgarian VAT Act, article 66(2), made permanent on 2023-01-01",
    ),
    row(
        "BG",
        Press,
        900,
        (2020, 7, 1),
        "Bulgarian VAT Act, article 66(2), made permanent on 2023-01-01",
    ),
    row("CH", Book, 250, (2018, 1, 1), "Swiss VAT Act, article 25(2)(a bis)"),
    row("CH", Book, 260, (2024, 1, 1), "Swiss VAT Act, article 25(2)(a bis)"),
    row("CH", Press, 250, (2018, 1, 1), "Swiss VAT Act, article 25(2)(a bis)"),
    row("CH", Press, 260, (2024, 1, 1), "Swiss VAT Act, article 25(2)(a bis)"),
    row(
        "CY",
        Book,
        300,
        (2023, 7, 21),
        "uncertain: Cypriot VAT Act, twelfth schedule, from secondary sources",
    ),
    row(
        "CY",
        Press,
        300,
        (2023, 7, 21),
        "uncertain: Cypriot VAT Act, twelfth schedule, from secondary sources",
    ),
    row("CZ", Book, 1_000, (2020, 5, 1), LIST),
    row(
        "CZ",
        Book,
        0,
        (2024, 1, 1),
        "Act 349/2023: books, electronic ones included, exempt with deduction",
    ),
    row("CZ", Press, 1_000, (2020, 5, 1), LIST),
    row(
        "CZ",
        Press,
        1_200,
        (2024, 1, 1),
        "uncertain: Act 349/2023; that electronic forms are meant rests on its draft",
    ),
    row("DE", Book, 700, (2019, 12, 18), "UStG, section 12(2) number 14"),
    row("DE", Press, 700, (2019, 12, 18), "UStG, section 12(2) number 14"),
    row(
        "EE",
        Book,
        900,
        (2020, 5, 1),
        "Estonian Value-Added Tax Act, section 15(2)",
    ),
    row(
        "EE",
        Press,
        500,
        (2022, 8, 1),
        "Estonian Value-Added Tax Act, section 15(2)",
    ),
    row(
        "EE",
        Press,
        900,
        (2025, 1, 1),
        "Estonian Value-Added Tax Act, section 15(2)",
    ),
    row("ES", Book, 400, (2020, 4, 23), "Royal Decree-Law 15/2020"),
    row("ES", Press, 400, (2020, 4, 23), "Royal Decree-Law 15/2020"),
    row("FI", Book, 1_000, (2019, 7, 1), LIST),
    row(
        "FI",
        Book,
        1_400,
        (2025, 1, 1),
        "Value Added Tax Act (1501/1993), section 85, as amended from 2025",
    ),
    row(
        "FI",
        Book,
        1_350,
        (2026, 1, 1),
        "Value Added Tax Act (1501/1993), section 85, as amended from 2026",
    ),
    row(
        "FI",
        Press,
        1_000,
        (2019, 7, 1),
        "Value Added Tax Act (1501/1993), section 85 a",
    ),
    row("FR", Book, 550, (2013, 1, 1), "CGI, article 278-0 bis"),
    // Online press recognised as such; any other publication has the standard rate and is a digital service.
    row("FR", Press, 210, (2014, 2, 1), "CGI, article 298 septies"),
    row("GB", Book, 0, (2020, 5, 1), "HMRC, VAT Notice 701/10"),
    row("GB", Press, 0, (2020, 5, 1), "HMRC, VAT Notice 701/10"),
    row(
        "GR",
        Book,
        600,
        (2021, 7, 1),
        "KPMG, electronic books at 6 % in Greece from July 2021",
    ),
    row("HR", Book, 500, (2019, 1, 1), LIST),
    row("IE", Book, 900, (2019, 1, 1), LIST),
    row(
        "IE",
        Book,
        0,
        (2024, 1, 1),
        "Finance (No. 2) Act 2023: e-books and audiobooks at zero",
    ),
    // News periodicals have 0 % since 2023; other periodicals 9 %.
    row("IE", Press, 900, (2019, 1, 1), LIST),
    row("IT", Book, 400, (2015, 1, 1), "Law 190/2014, article 1(667)"),
    row("IT", Press, 400, (2016, 1, 1), "Law 208/2015, article 1(637)"),
    row("LT", Book, 900, (2023, 1, 1), "Law XIV-551"),
    row("LT", Book, 500, (2026, 1, 1), "Law XV-287"),
    row("LU", Book, 300, (2019, 5, 1), LIST),
    row("LU", Press, 300, (2019, 5, 1), LIST),
    row(
        "LV",
        Book,
        500,
        (2022, 1, 1),
        "Latvian VAT Act, section 42; since 2026 not for languages outside of EU, EEA and OECD",
    ),
    row(
        "LV",
        Press,
        500,
        (2022, 1, 1),
        "Latvian VAT Act, section 42; since 2026 not for languages outside of EU, EEA and OECD",
    ),
    row("MT", Book, 500, (2019, 1, 1), LIST),
    row("MT", Press, 500, (2019, 1, 1), LIST),
    row("NL", Book, 900, (2020, 1, 1), LIST),
    row("NL", Press, 900, (2020, 1, 1), LIST),
    row("NO", Book, 0, (2019, 7, 1), LIST),
    row("PL", Book, 500, (2019, 11, 1), LIST),
    // Regional and special periodicals have 5 %.
    row("PL", Press, 800, (2019, 11, 1), "Polish VAT Act, annex 3"),
    row("PT", Book, 600, (2019, 1, 1), LIST),
    row("PT", Press, 600, (2019, 1, 1), LIST),
    row(
        "RO",
        Book,
        500,
        (2022, 1, 1),
        "Law 227/2015 (Fiscal Code), article 291(3)(a)",
    ),
    row("RO", Book, 1_100, (2025, 8, 1), "Law 141/2025"),
    row(
        "RO",
        Press,
        500,
        (2022, 1, 1),
        "Law 227/2015 (Fiscal Code), article 291(3)(a)",
    ),
    row("RO", Press, 1_100, (2025, 8, 1), "Law 141/2025"),
    row("SE", Book, 600, (2019, 7, 1), LIST),
    row("SE", Press, 600, (2019, 7, 1), LIST),
    row("SI", Book, 500, (2020, 1, 1), LIST),
    row("SI", Press, 500, (2020, 1, 1), LIST),
    row("SK", Book, 500, (2025, 1, 1), TEDB),
];
