"""The wheel holds everything: Tallyman runs where nothing of its sources is."""

import json
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.pages import ROOT
from tests.running import Guard, eventually

pytestmark = pytest.mark.timeout(180)


def run(*words: str, folder: Path) -> str:
    """Run a program, without what leads Python to the sources; returns what it printed."""
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder)}
    ended = subprocess.run(
        words, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert not ended.returncode, ended.stdout + ended.stderr
    return ended.stdout.strip()


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment that has the wheel, and what it needs, and no sources."""
    folder = tmp_path_factory.mktemp("wheel")
    uv = str(Path(sysconfig.get_path("scripts")) / "uv")
    build = ("build", "--quiet", "--wheel", "--offline", "--no-build-isolation")
    own = ("--python", sys.executable, "--out-dir", str(folder / "dist"))
    run(uv, *build, *own, str(ROOT), folder=folder)
    (wheel,) = (folder / "dist").glob("*.whl")
    run(sys.executable, "-m", "venv", "--without-pip", str(folder / "venv"), folder=folder)
    made = folder / "venv" / "bin" / "python"
    # What Tallyman needs is what is installed here. A path file that lies in a folder which another
    # path file names is not read, so the editable installation of the sources does not come along.
    site = run(
        *(str(made), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"), folder=folder
    )
    needed = "\n".join({sysconfig.get_path("purelib"), sysconfig.get_path("platlib"), *_more()})
    Path(site, "needed.pth").write_text(f"{needed}\n", encoding="utf-8")
    install = ("pip", "install", "--quiet", "--offline", "--no-deps", "--python", str(made))
    run(uv, *install, str(wheel), folder=folder)
    return made


def _more() -> set[str]:
    """The other folders of packages that this Python looks into."""
    return {path for path in sys.path if path.endswith("site-packages")}


@pytest.mark.parametrize("package", ["purchasing", "store", "service", "workers", "tallyman"])
def test_the_packages_are_those_of_the_wheel(python: Path, package: str, tmp_path: Path) -> None:
    """Nothing is taken out of the sources, even though everything else is shared."""
    words = f"import {package} as it; print(it.__file__)"
    where = run(str(python), "-P", "-c", words, folder=tmp_path)
    assert Path(where).is_relative_to(python.parents[1])


def test_everything_that_is_no_module_goes_along(python: Path) -> None:
    """Every file of the packages that is in the sources is in the wheel, too."""
    (site,) = python.parents[1].glob("lib/python*/site-packages")
    for package in ("purchasing", "store", "service", "workers", "tallyman"):
        ours = {it.relative_to(ROOT) for it in (ROOT / package).rglob("*") if it.is_file()}
        kept = {it for it in ours if "__pycache__" not in it.parts}
        missing = {str(it) for it in kept if not (site / it).exists()}
        assert missing == set()


def test_up_runs_in_an_empty_folder(python: Path, tmp_path: Path) -> None:
    """`tallyman up` of the wheel is ready, takes a notification in, and sends it."""
    folder = tmp_path / "empty"
    folder.mkdir()
    tallyman = str(python.with_name("tallyman"))
    with Guard(folder) as guard:
        up = guard.start(tallyman, "up", "--port", "0", PYTHONPATH="")
        up.until_ready(lambda: "Try:" in up.output())
        run(tallyman, "send", "easypost", ".tallyman/easypost_in_transit.json", folder=folder)

        def is_delivered() -> bool:
            listed = run(tallyman, "notifications", "list", "--json", folder=folder)
            return [it["state"] for it in json.loads(listed)["items"]] == ["delivered"]

        eventually(is_delivered, seconds=20, what="the delivery")
        run(tallyman, "accounts", folder=folder)
        assert up.stop() == 0
