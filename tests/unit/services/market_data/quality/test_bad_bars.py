from __future__ import annotations

from hindcast.services.market_data.quality.bad_bars import BAD_BARS, CLASSES, ROW_CLASSES, STRUCTURAL

NAMES = """
naive_time_zone foreign_time_zone off_calendar after_early_close dst_gap unsorted identical_duplicate
conflicting_duplicate nan_price positive_infinity negative_infinity zero_price negative_price high_below_open
high_below_close high_below_low low_above_open low_above_close negative_volume nan_volume future_bar unfinished_bar
wrong_symbol wrong_currency missing_session truncated_payload text_in_number duplicated_columns
""".split()


def test_the_catalogue_has_the_28_classes_and_no_other():
    assert [bad.name for bad in BAD_BARS] == NAMES
    assert len(CLASSES) == 28


def test_six_classes_refuse_the_import_one_is_a_gap_and_the_others_quarantine_their_row():
    assert (
        set(
            "naive_time_zone foreign_time_zone wrong_symbol wrong_currency truncated_payload duplicated_columns".split()
        )
        == STRUCTURAL
    )
    assert set(NAMES) - STRUCTURAL - set(ROW_CLASSES) == {"missing_session"}


def test_each_class_says_what_it_is_and_what_to_do():
    assert [bad.name for bad in BAD_BARS if not bad.meaning or not bad.remedy] == []
