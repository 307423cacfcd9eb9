"""What is said where the service's packages are missing."""

from __future__ import annotations

import pytest

from hindcast.cli.serving.packages import SERVICE, check_packages
from hindcast.domain.errors import ConfigError


def test_a_missing_package_is_named_with_the_way_to_install_it():
    with pytest.raises(ConfigError, match=r"\(no_such_package\): pip install 'hindcast-engine\[server\]'"):
        check_packages(("json", "no_such_package"))


def test_here_nothing_is_missing():
    check_packages(SERVICE)
