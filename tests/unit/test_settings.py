"""Settings: which source wins, what is refused, and that each value tells where it came from."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from hindcast.domain.errors import ConfigError
from hindcast.settings import DEFINITIONS, Settings, load_settings, shown_value


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """An empty working folder."""
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


def load(work: Path, *, environ: dict[str, str] | None = None, **flags: object) -> Settings:
    return load_settings(flags, environ=environ or {}, cwd=work)


def test_without_any_source_the_platforms_data_folder_is_home(work):
    settings = load(work)
    assert settings.home.name == "hindcast"
    assert settings.home.is_absolute()
    assert settings.plugin_dir == settings.home / "plugins" / "strategies"
    assert set(settings.origins.values()) == {"default"}


def test_a_flag_beats_the_environment_which_beats_the_file(work):
    (work / "hindcast.toml").write_text('home = "from-file"\n')
    assert load(work).home == work / "from-file"
    assert load(work).origins["home"] == "hindcast.toml"
    environ = {"HINDCAST_HOME": "/from/environment"}
    assert load(work, environ=environ).home == Path("/from/environment")
    assert load(work, environ=environ).origins["home"] == "environment HINDCAST_HOME"
    assert load(work, environ=environ, home="/from/flag").home == Path("/from/flag")
    assert load(work, environ=environ, home="/from/flag").origins["home"] == "flag --home"


def test_a_flag_that_is_not_given_leaves_the_environment(work):
    assert load(work, environ={"HINDCAST_HOME": "/elsewhere"}, home=None).home == Path("/elsewhere")


def test_an_empty_variable_counts_as_not_set(work):
    assert load(work, environ={"HINDCAST_HOME": ""}).origins["home"] == "default"


def test_the_file_of_the_working_folder_beats_the_one_of_the_data_folder(work, tmp_path):
    home = tmp_path / "data"
    home.mkdir()
    (home / "hindcast.toml").write_text('plugin_dir = "kept-at-home"\n')
    assert load(work, home=home).plugin_dir == home / "kept-at-home"
    assert load(work, home=home).origins["plugin_dir"] == str(home / "hindcast.toml")
    (work / "hindcast.toml").write_text('plugin_dir = "kept-here"\n')
    assert load(work, home=home).plugin_dir == work / "kept-here"


def test_the_data_folders_own_file_may_not_move_the_data_folder(work, tmp_path):
    home = tmp_path / "data"
    home.mkdir()
    (home / "hindcast.toml").write_text('home = "/elsewhere"\n')
    with pytest.raises(ConfigError, match="only found once home is known"):
        load(work, home=home)


def test_one_file_serves_a_working_folder_that_is_the_data_folder(work):
    (work / "hindcast.toml").write_text('home = "."\n')
    assert load(work).home == work


def test_the_working_folders_plugins_are_used_where_they_exist(work):
    (work / "plugins" / "strategies").mkdir(parents=True)
    assert load(work).plugin_dir == work / "plugins" / "strategies"


def test_a_tilde_is_the_users_folder(work, monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert load(work, environ={"HINDCAST_HOME": "~/trading"}).home == tmp_path / "trading"


def test_a_misspelt_setting_is_refused_with_the_nearest_name(work):
    (work / "hindcast.toml").write_text('plugindir = "x"\n')
    with pytest.raises(ConfigError, match=r"sets 'plugindir', which is no setting. Did you mean 'plugin_dir'\?"):
        load(work)
    with pytest.raises(ConfigError, match="no setting 'nonsense'. Known: home, plugin_dir"):
        load(work, nonsense="x")


def test_a_file_that_is_not_toml_is_refused_with_its_line(work):
    (work / "hindcast.toml").write_text('home = "a"\nplugin_dir\n')
    with pytest.raises(ConfigError, match=r"hindcast.toml is not TOML: .*line 2"):
        load(work)


def test_a_file_that_is_not_text_is_refused(work):
    (work / "hindcast.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="not UTF-8"):
        load(work)


@pytest.mark.parametrize("value", ["7", '""', "true", '["a"]', '"a\\u0000b"'])
def test_a_value_that_is_no_path_is_refused_with_its_name(work, value):
    (work / "hindcast.toml").write_text(f"home = {value}\n")
    with pytest.raises(ConfigError, match="home = .* is no path"):
        load(work)


def test_a_user_that_does_not_exist_is_refused(work):
    with pytest.raises(ConfigError, match="can't be resolved"):
        load(work, home="~no-such-user-anywhere/data")


def test_a_home_that_is_a_file_is_refused(work):
    (work / "data").write_text("")
    with pytest.raises(ConfigError, match=r"home is .*data \(flag --home\), which is a file; expected a folder"):
        load(work, home="data")


def test_every_setting_has_a_definition_and_an_origin(work):
    settings = load(work)
    names = {definition.name for definition in DEFINITIONS}
    assert names == set(settings.origins)
    assert all(hasattr(settings, name) for name in names)


def test_a_secret_is_never_shown():
    assert "hunter2" not in shown_value(SecretStr("hunter2"))
    assert shown_value(Path("data")) == "data"


def test_numbers_and_secrets_are_read_from_every_place(work):
    (work / "hindcast.toml").write_text('alpha_vantage_per_day = 500\nalpha_vantage_key = "ABC"\n')
    settings = load(work, environ={"HINDCAST_ALPHA_VANTAGE_PER_MINUTE": "75", "HINDCAST_REDIS_URL": "redis://:pw@h/0"})
    assert (settings.alpha_vantage_per_day, settings.alpha_vantage_per_minute) == (500, 75)
    assert settings.alpha_vantage_key is not None
    assert settings.alpha_vantage_key.get_secret_value() == "ABC"
    assert "ABC" not in repr(settings)
    assert "pw" not in repr(settings)
    assert settings.origins["redis_url"] == "environment HINDCAST_REDIS_URL"


@pytest.mark.parametrize("value", ["-1", "many", "1.5", ""])
def test_a_limit_that_is_no_count_is_refused(work, value):
    (work / "hindcast.toml").write_text(f'alpha_vantage_per_day = "{value}"\n')
    with pytest.raises(ConfigError, match="alpha_vantage_per_day = .* is no count"):
        load(work)


def test_a_secret_that_is_no_text_is_refused_without_being_shown(work):
    with pytest.raises(ConfigError, match="HINDCAST_ALPHA_VANTAGE_KEY: the value is no text") as refused:
        load(work, environ={"HINDCAST_ALPHA_VANTAGE_KEY": "two\nlines"})
    assert "two" not in str(refused.value)


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("HINDCAST_MODE", "cloud", "expected local or server"),
        ("HINDCAST_PORT", "70000", "at most 65535"),
        ("HINDCAST_JOB_SECONDS", "0", "at least 1"),
        ("HINDCAST_JOB_MEMORY_MB", "8", "at least 64"),
    ],
)
def test_a_value_out_of_its_bounds_is_refused(work, variable, value, said):
    with pytest.raises(ConfigError, match=said):
        load(work, environ={variable: value})
