// What the page says. A language is one entry here; products and offers bring their own translations.
const en = {
  order: "Your order", details: "Your details", extras: "One more thing", payment: "Payment", quantity: "Quantity", variant: "Version",
  less: "One less", more: "One more", optional: "optional", addOn: "Add to my order", upgrade: "Upgrade my order", added: "Added",
  code: "Discount code", apply: "Apply", remove: "Remove", haveCode: "I have a discount code",
  held: "Kept for you for {time}", redeemed: "Redeemed", subtotal: "Subtotal", discount: "Discount", total: "Total",
  vat: "of which VAT {rate} %", vatOnTop: "VAT {rate} %", lowest: "Lowest price of the last 30 days: {price}", was: "Before: {price}",
  next: "Continue", back: "Back", skip: "No, thank you", takeIt: "Yes, add it", pay: "Pay {total}", complete: "Complete the order",
  transfer: "Order and pay by bank transfer", language: "Language", currency: "Currency", required: "Required", choose: "Choose",
  email: "E-mail", country: "Country", state: "State or region", first_name: "First name", last_name: "Last name", phone: "Phone",
  city: "City", street: "Street address", apartment: "Apartment", postal_code: "Postal code", company: "Company", vat_number: "VAT number",
  terms: "I accept the terms of sale", privacy: "I have read the privacy policy", read: "read",
  immediate_delivery: "Deliver at once. I know that I lose the right of withdrawal when delivery begins.",
  marketing: "You may send me news and offers", fix: "Please check these:", missing: "{field}: please fill this in", badEmail: "That is not an e-mail address",
  agree: "Please accept: {what}", pickMethod: "Choose how to pay", method_stripe: "Card, Apple Pay or Google Pay", method_paytrail: "Finnish online bank or card",
  method_epassi: "Epassi employee benefit", method_offline: "Bank transfer", method_test: "Test payment", method_free: "Nothing to pay",
  why_nothing_to_pay: "there is nothing to pay", why_below_minimum: "the total is below the minimum of this method", why_other: "not available for this order",
  waiting: "Waiting for the payment", waitingText: "We are asking the payment provider. This page changes by itself; you may also close it, the receipt comes by e-mail.",
  going: "Taking you to the payment page", goOn: "Go to the payment page", openTitle: "The payment is still open",
  openText: "If you have paid, this page changes by itself when the payment provider confirms it. If not, you can go on.", testTitle: "Test payment", testText: "No money moves. How should the payment end?",
  succeeded: "It succeeds", failed: "It fails", pending: "It stays open", failedTitle: "The payment did not go through", failedText: "Nothing was charged. Your order is kept.",
  cancelledTitle: "The payment was cancelled", again: "Try again", another: "Pay in another way", basket: "Back to the order",
  thanks: "Thank you!", thanksText: "Order {number} is paid. A receipt is on its way to {email}.", placed: "Order {number} is placed",
  transferText: "Pay with your bank. The order is delivered when the money has arrived.", scan: "Scan with your banking app", payee: "Payee", iban: "IBAN", bic: "BIC",
  reference: "Reference", rf_reference: "International reference", barcode: "Bank bar code", due: "Due", amount: "Amount", copy: "Copy", copied: "Copied",
  onward: "Continue", licenses: "Your licenses", onItsWay: "On its way to you", arrived: "Your order has arrived", partArrived: "A part of your order has arrived",
  refundedTitle: "Refunded", refundedText: "The money of order {number} goes back to you.", newOrder: "Order again", testMode: "Test mode: no money moves", gone: "This link is closed",
  goneText: "It is not possible to order through this link any more.", notFound: "There is no such page", closed: "The shop is closed for the moment",
  problem: "Something went wrong", noConnection: "No connection. Your order is kept; please try again.", reload: "Try again", busy: "One moment…",
  changed: "The total has changed. Please check it and confirm again.", lapsed: "The discount code is no longer kept for you.", removed: "The discount code does not apply any more",
  refused: "The code cannot be used", price_changed: "A price has changed since you saw it.",
  not_found: "there is no such code", inactive: "it is not in use", not_started: "it is not valid yet", expired: "it has expired",
  usage_limit_reached: "it has been used up", customer_limit_reached: "you have used it already", no_eligible_products: "it is not for these products",
  currency_not_supported: "it is not for this currency", below_minimum_amount: "the order is too small for it", below_payment_minimum: "the rest would be too small to pay",
  too_many_holds: "too many codes are held from your network; try again in some minutes", help: "Questions? {email}", steps: "Steps", cardForm: "Card details",
  stripeMissing: "The card form could not be loaded. Please check your connection or pay in another way.", totalNow: "Total {total}",
};

export type Texts = typeof en;

const fi: Texts = {
  order: "Tilauksesi", details: "Tietosi", extras: "Vielä yksi asia", payment: "Maksu", quantity: "Määrä", variant: "Versio",
  less: "Yksi vähemmän", more: "Yksi lisää", optional: "vapaaehtoinen", addOn: "Lisää tilaukseen", upgrade: "Päivitä tilaus", added: "Lisätty",
  code: "Alennuskoodi", apply: "Käytä", remove: "Poista", haveCode: "Minulla on alennuskoodi",
  held: "Varattu sinulle vielä {time}", redeemed: "Lunastettu", subtotal: "Välisumma", discount: "Alennus", total: "Yhteensä",
  vat: "sisältää alv {rate} %", vatOnTop: "Alv {rate} %", lowest: "Alin hinta 30 päivän aikana: {price}", was: "Ennen: {price}",
  next: "Jatka", back: "Takaisin", skip: "Ei kiitos", takeIt: "Kyllä, lisää se", pay: "Maksa {total}", complete: "Vahvista tilaus",
  transfer: "Tilaa ja maksa tilisiirrolla", language: "Kieli", currency: "Valuutta", required: "Pakollinen", choose: "Valitse",
  email: "Sähköposti", country: "Maa", state: "Osavaltio tai alue", first_name: "Etunimi", last_name: "Sukunimi", phone: "Puhelin",
  city: "Postitoimipaikka", street: "Katuosoite", apartment: "Asunto", postal_code: "Postinumero", company: "Yritys", vat_number: "ALV-tunniste",
  terms: "Hyväksyn toimitusehdot", privacy: "Olen lukenut tietosuojaselosteen", read: "lue",
  immediate_delivery: "Toimittakaa heti. Tiedän, että peruuttamisoikeuteni päättyy, kun toimitus alkaa.",
  marketing: "Minulle saa lähettää uutisia ja tarjouksia", fix: "Tarkista nämä:", missing: "{field}: täytä tämä kohta", badEmail: "Tämä ei ole sähköpostiosoite",
  agree: "Hyväksy: {what}", pickMethod: "Valitse maksutapa", method_stripe: "Kortti, Apple Pay tai Google Pay", method_paytrail: "Verkkopankki tai kortti",
  method_epassi: "Epassi-työsuhde-etu", method_offline: "Tilisiirto", method_test: "Testimaksu", method_free: "Ei maksettavaa",
  why_nothing_to_pay: "maksettavaa ei ole", why_below_minimum: "summa alittaa maksutavan alarajan", why_other: "ei käytettävissä tälle tilaukselle",
  waiting: "Odotetaan maksua", waitingText: "Kysymme maksupalvelulta. Sivu päivittyy itsestään; voit myös sulkea sen, kuitti tulee sähköpostiin.",
  going: "Siirrytään maksusivulle", goOn: "Siirry maksusivulle", openTitle: "Maksu on vielä kesken",
  openText: "Jos olet jo maksanut, sivu päivittyy itsestään, kun maksupalvelu vahvistaa maksun. Jos et, voit jatkaa.", testTitle: "Testimaksu", testText: "Raha ei liiku. Miten maksun pitäisi päättyä?",
  succeeded: "Se onnistuu", failed: "Se epäonnistuu", pending: "Se jää auki", failedTitle: "Maksu ei onnistunut", failedText: "Mitään ei veloitettu. Tilauksesi on tallessa.",
  cancelledTitle: "Maksu peruttiin", again: "Yritä uudelleen", another: "Maksa toisella tavalla", basket: "Takaisin tilaukseen",
  thanks: "Kiitos!", thanksText: "Tilaus {number} on maksettu. Kuitti on matkalla osoitteeseen {email}.", placed: "Tilaus {number} on tehty",
  transferText: "Maksa pankissasi. Tilaus toimitetaan, kun raha on saapunut.", scan: "Skannaa pankkisovelluksella", payee: "Saaja", iban: "IBAN", bic: "BIC",
  reference: "Viitenumero", rf_reference: "Kansainvälinen viite", barcode: "Virtuaaliviivakoodi", due: "Eräpäivä", amount: "Summa", copy: "Kopioi", copied: "Kopioitu",
  onward: "Jatka", licenses: "Lisenssisi", onItsWay: "Matkalla sinulle", arrived: "Tilauksesi on saapunut", partArrived: "Osa tilauksestasi on saapunut",
  refundedTitle: "Hyvitetty", refundedText: "Tilauksen {number} rahat palautetaan sinulle.", newOrder: "Tilaa uudelleen", testMode: "Testitila: raha ei liiku", gone: "Linkki on suljettu",
  goneText: "Tämän linkin kautta ei voi enää tilata.", notFound: "Sivua ei ole", closed: "Kauppa on hetken kiinni",
  problem: "Jotain meni vikaan", noConnection: "Ei yhteyttä. Tilauksesi on tallessa; yritä uudelleen.", reload: "Yritä uudelleen", busy: "Hetki…",
  changed: "Loppusumma on muuttunut. Tarkista se ja vahvista uudelleen.", lapsed: "Alennuskoodi ei ole enää varattuna sinulle.", removed: "Alennuskoodi ei enää käy",
  refused: "Koodia ei voi käyttää", price_changed: "Hinta on muuttunut sen jälkeen, kun näit sen.",
  not_found: "sellaista koodia ei ole", inactive: "se ei ole käytössä", not_started: "se ei ole vielä voimassa", expired: "se on vanhentunut",
  usage_limit_reached: "se on käytetty loppuun", customer_limit_reached: "olet jo käyttänyt sen", no_eligible_products: "se ei koske näitä tuotteita",
  currency_not_supported: "se ei käy tässä valuutassa", below_minimum_amount: "tilaus on sille liian pieni", below_payment_minimum: "loppusumma jäisi liian pieneksi maksaa",
  too_many_holds: "verkostasi on varattu liian monta koodia; yritä muutaman minuutin päästä", help: "Kysyttävää? {email}", steps: "Vaiheet", cardForm: "Kortin tiedot",
  stripeMissing: "Korttilomaketta ei voitu ladata. Tarkista yhteys tai maksa toisella tavalla.", totalNow: "Yhteensä {total}",
};

export const LANGUAGES: Record<string, { name: string; texts: Texts }> = {
  en: { name: "English", texts: en },
  fi: { name: "Suomi", texts: fi },
};

export const language = (locale: string) => (LANGUAGES[locale.slice(0, 2)] ? locale.slice(0, 2) : "en");

/** A text with its blanks filled in. */
export const fill = (text: string, blanks: Record<string, string>) =>
  text.replace(/\{(\w+)\}/g, (whole, name: string) => blanks[name] ?? whole);

export const COUNTRIES = (
  "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW"
).split(" ");
