"""Telephone numbers and e-mail addresses are found; places, times and counts are left alone."""

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.personal_contact import E_MAIL, TELEPHONE, TOO_MANY_DIGITS, find_personal_contact

E_MAILS = [
    "write to olena.k@example.org",
    "olena@example.co.uk.",
    "o@пошта.укр",
    "olena [at] example.org",
    "olena＠example.org",
]
TELEPHONES = [
    "call +380 67 123 45 67 today",
    "+7 (912) 345-67-89",
    "+41 79 123 45 67",
    "00380671234567",
    "00 380 67 123 45 67",
    "067 123 45 67",
    "(067) 123-45-67",
    "0671234567",
    "8 (912) 345-67-89",
    "8-912-345-67-89",
    "89123456789",
    "(0629) 41-23-45",
    "tel: 41-23-45",
    "тел. 41 23 45",
    "+380671234567",
    "+8816 234 12345",
    "+٣٨٠ ٦٧ ١٢٣ ٤٥ ٦٧",
    "٠٦٧ ١٢٣ ٤٥ ٦٧",
    "067‑123‑45‑67",
    "phone +380 67 123 45 67 2022-04-26",
    "+380 67 123 45 67, 08:00-18:00",
    "097.123.45.67",
    "+1 212 963 1234",
    "+380-67-123-45-67 5 people",
    "My number is 067 123 45 67 24/7",
    "+ 380 67 123 45 67",
    "0171 1234567",
    "0044 7911 123456",
]
OTHERS = [
    "47.0951, 37.5413",
    "47.0951 37.5413",
    "+47.0951, +37.5413",
    "-47.0951,-37.5413",
    "47°05'42\"N 37°32'29\"E",
    "47° 05' 42.36\" N, 037° 32' 28.68\" E",
    "37T CN 91234 17890",
    "37TCN9123417890",
    "37T CN 01234 06789",
    "UTM 37T 0391234 5217890",
    "37 T 391234 mE 5217890 mN",
    "2022-04-26T15:00:00.000000Z",
    "2022-04-26T15:00:00+03:00",
    "2022-04-26 15:00",
    "26.04.2022 08:00-18:00",
    "08:00-18:00 Moscow",
    "08.00-18.00",
    "0800-1800",
    "0600 1100 0800",
    "from 0600 to 1100",
    "260800ZAPR22",
    "26/04/2022 - 08/05/2022",
    "26.04.2022-08.05.2022",
    "7f8a1c52-3b0e-4f6d-9a55-0c9d1e2f3a4b",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "GeoNames 701822, 701413 and 697613",
    "UA1412300000000000",
    "UA14120130010096933",
    "XM-DAC-41127",
    "USD 12,345,678.90",
    "80 000 000 000",
    "100 000 people, 3 000 000 hryvnia",
    "1234567890",
    "about 101 + 58 = 159 people; 127 arrived, 156 (Ukraine), 69 handed over",
    "600+ in all",
    "https://news.un.org/en/story/2022/04/1117232",
    "2022/04/0671234",
    "SG/SM/21253",
    "S/2022/345 of 26 April 2022",
    "5-7 May 08:00-18:00 Moscow",
    "N 47 05.706 E 037 32.478",
    "47 05 42 N 037 32 29 E",
    "N47.0951 E37.5413",
    "corridor 231.9 km, 22 buses, then 39",
    "0.1234567890",
    "1000-2000 persons",
    "30 April 2022 06:00 began 11:00 local, UTC+3",
    "UTC+03:00",
    "+03:00",
    "P-code UA14",
    "lat 47.09512345 lon 37.54131234",
    "1 650 000 000",
    "10:00 Moscow on 5 March 2022 is 07:00Z",
    "2022-04-30 - 2022-05-08",
    "01.05.2022 02.05.2022 03.05.2022",
    "1. 2. 3. 4. 5. 6. 7.",
    "article 17, GC IV; AP I 70-71",
    "bus AA 1234 BB",
    "+12.5 °C, 0012345",
    "20220426150000",
    "Case 2022-0045-0067",
    "0001 0002 0003",
    "version 1.2.3.4.5",
    "00000000",
    "@UN @ICRC",
    "a@b",
    "route M14/E58 km 123+450 to 124+900",
    "05.123456, 037.123456",
    "5°07'24\"N",
]

LATITUDES = st.floats(-90, 90, allow_nan=False)
LONGITUDES = st.floats(-180, 180, allow_nan=False)
INSTANTS = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1))  # noqa: DTZ001


@pytest.mark.parametrize("text", E_MAILS)
def test_an_e_mail_address_is_found(text: str) -> None:
    assert find_personal_contact(text) == E_MAIL
    assert find_personal_contact(f"Buses at 08:00. {text}, 26.04.2022") == E_MAIL


@pytest.mark.parametrize("text", TELEPHONES)
def test_a_telephone_number_is_found(text: str) -> None:
    assert find_personal_contact(text) == TELEPHONE
    assert find_personal_contact(f"Mariupol 47.0951, 37.5413: {text}; then wait") == TELEPHONE


@pytest.mark.parametrize("text", OTHERS)
def test_what_is_full_of_digits_but_no_number_to_call_is_left_alone(text: str) -> None:
    assert find_personal_contact(text) is None
    assert find_personal_contact(f"Buses wait at Manhush ({text}), 22 of them.") is None


@given(LATITUDES, LONGITUDES, st.integers(3, 8), st.sampled_from([", ", " ", "; ", ","]))
def test_decimal_coordinates_are_left_alone(
    south: float, west: float, digits: int, between: str
) -> None:
    text = f"{south:.{digits}f}{between}{west:.{digits}f}"
    assert find_personal_contact(text) is None


@given(
    st.integers(0, 89),
    st.integers(0, 59),
    st.integers(0, 59),
    st.integers(0, 179),
    st.sampled_from(["02d", "d"]),
)
def test_coordinates_in_degrees_are_left_alone(
    degrees: int, minutes: int, seconds: int, east: int, form: str
) -> None:
    rest = f"{minutes:{form}}'{seconds:{form}}\""
    assert find_personal_contact(f"{degrees:02d}°{rest}N {east:03d}°{rest}E") is None


@given(
    st.integers(1, 60),
    st.sampled_from("CDEFGHJKLMNPQRSTUVWX"),
    st.text("ABCDEFGHJKLMNPQRSTUVWXYZ", min_size=2, max_size=2),
    st.integers(0, 99999),
    st.integers(0, 99999),
    st.sampled_from(["", " "]),
)
def test_grid_references_are_left_alone(
    zone: int, band: str, square: str, easting: int, northing: int, gap: str
) -> None:
    text = f"{zone}{band}{gap}{square}{gap}{easting:05d}{gap}{northing:05d}"
    assert find_personal_contact(text) is None


@given(INSTANTS, INSTANTS, st.sampled_from(["%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%Y/%m/%d"]))
def test_days_and_times_are_left_alone(one: datetime, other: datetime, day: str) -> None:
    for text in (
        one.replace(tzinfo=UTC).isoformat(),
        f"{one:{day}} {one:%H:%M}-{other:%H:%M}",
        f"{one:{day}} {one:%H.%M} - {other:%H.%M}",
        f"{one:{day}}-{other:{day}}",
        f"{one:%H:%M:%S} {other:%H:%M:%S}",
    ):
        assert find_personal_contact(text) is None


@given(st.uuids(), st.binary(min_size=32, max_size=32))
def test_ids_and_digests_are_left_alone(id: object, digest: bytes) -> None:
    assert find_personal_contact(f"{id} {digest.hex()}") is None


@given(st.integers(0, 10**9))
def test_counts_are_left_alone(number: int) -> None:
    for text in (f"{number}", f"{number:,}", f"{number:,}".replace(",", " ")):
        assert find_personal_contact(f"{text} people") is None


@given(
    st.sampled_from(TELEPHONES), st.text("abc ,;\n", max_size=30), st.text("abc ,;\n", max_size=30)
)
def test_a_number_is_found_wherever_it_stands(number: str, before: str, after: str) -> None:
    assert find_personal_contact(f"{before} {number} {after}") == TELEPHONE


@given(st.text(max_size=200) | st.text("0123456789+()-./ :@N", max_size=200))
def test_any_text_gets_an_answer(text: str) -> None:
    assert find_personal_contact(text) in {None, E_MAIL, TELEPHONE, TOO_MANY_DIGITS}


HOSTILE = [
    "+999 1234567 ",
    "1",
    "0 ",
    "067 123 45 6 ",
    "(0",
    "1.",
    "+1",
    "1-",
    "2022-04-26 ",
    "1 ° ",
    "abcdef0123456789-",
    "f0",
    "37TCN 1",
    "00 1",
    "+00000000 ",
    "N 1 ",
    "@",
    "a@",
    "a@aaaa",
    "a[at",
    "tel 1",
    "a" * 59 + "1",
    "1" * 7 + " " * 9,
]


@pytest.mark.parametrize("part", HOSTILE)
def test_two_mebibytes_of_hostile_text_are_answered_within_a_second(part: str) -> None:
    text = part * (2 * 1024 * 1024 // len(part))
    began = time.process_time()
    find_personal_contact(text)
    assert time.process_time() - began < 1
