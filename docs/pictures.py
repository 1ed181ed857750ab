"""Make the pictures of a report: three widths, light and dark, print, and the one in the README.

`python docs/pictures.py CASE --policy FILE --agreement DIGEST` audits a case, writes its report and takes
pictures of it with Chromium and of its printed pages with Typst. Pictures are made by hand, now and then;
no test and no user needs a browser.
"""

import argparse
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from allstop.app import audit_directory
from allstop.ids import parse_digest
from allstop.report import document_of, render_html

IMAGES = Path(__file__).resolve().parent / "images"
PICTURE_BYTES_MAX = 300_000
SECONDS_MAX = 120
PRINTED_PAGES = 3
"""How many printed pages stand side by side in the picture of print."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One picture of the page: the size of the window, which colours the reader prefers, or one section alone."""

    name: str
    width: int
    height: int
    is_dark: bool
    section: str | None = None


def pictures() -> Iterator[Picture]:
    """Yield every picture of the page on a screen."""
    for name, width, height in (("desktop", 1280, 1720), ("tablet", 768, 1950), ("phone", 375, 2700)):
        for scheme in ("light", "dark"):
            yield Picture(
                name=f"report-{name}-{scheme}", width=width, height=height, is_dark=scheme == "dark"
            )
    yield Picture(name="report", width=1000, height=1660, is_dark=False)
    yield Picture(name="report-sites", width=1000, height=1530, is_dark=False, section="sites")


def run_browser(browser: str, address: str, *options: str) -> None:
    """Open a page in a browser without a window.

    Raises:
        subprocess.CalledProcessError: the browser ended with an error.
    """
    fixed = ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-pdf-header-footer")
    subprocess.run([browser, *fixed, *options, address], check=True, capture_output=True, timeout=SECONDS_MAX)


def take(browser: str, page: Path, picture: Picture) -> bytes:
    """Return a picture of the page as PNG."""
    out = page.with_name(f"{picture.name}.png")
    if picture.section is not None:
        page = page.with_name(f"{picture.section}.html")
    run_browser(
        browser,
        page.as_uri(),
        f"--window-size={picture.width},{picture.height}",
        f"--blink-settings=preferredColorScheme={0 if picture.is_dark else 1}",
        f"--screenshot={out}",
    )
    return out.read_bytes()


def keep_section(html: str, section: str) -> str:
    """Return a page that shows one section alone; its policy would refuse the style that does this."""
    html = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", html)
    style = f"<style>.masthead, main > section:not(#{section}), details {{ display: none }} main {{ padding-top: 2rem }}</style>"
    return html.replace("</head>", f"{style}</head>", 1)


def take_print(browser: str, page: Path) -> bytes:
    """Return the first printed pages side by side as PNG."""
    import typst

    run_browser(browser, page.as_uri(), f"--print-to-pdf={page.with_name('report.pdf')}")
    sheets = ", ".join(
        f'box(fill: white, image("report.pdf", page: {number}, width: 100%))'
        for number in range(1, PRINTED_PAGES + 1)
    )
    source = page.with_name("sheets.typ")
    source.write_text(
        f"#set page(width: 420mm, height: auto, margin: 5mm, fill: luma(235))\n"
        f"#grid(columns: {PRINTED_PAGES}, gutter: 5mm, {sheets})\n"
    )
    out = page.with_name("sheets.png")
    typst.compile(str(source), output=str(out), format="png", ppi=84.0)
    return out.read_bytes()


def write_picture(name: str, data: bytes, folder: Path) -> None:
    """Keep a picture, unless it is too large for a repository."""
    if len(data) > PICTURE_BYTES_MAX:
        sys.exit(f"{name}.png has {len(data)} bytes, want at most {PICTURE_BYTES_MAX}")
    folder.joinpath(f"{name}.png").write_bytes(data)
    print(f"{name}.png: {len(data)} bytes")


def main() -> None:
    """Audit a case and take every picture of its report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("case", type=Path)
    parser.add_argument("--policy", type=Path, help="policy from outside the case")
    parser.add_argument("--agreement", type=parse_digest, help="digest of the agreement")
    parser.add_argument("--out", type=Path, default=IMAGES)
    parser.add_argument("--browser", default=shutil.which("chromium") or "chromium-browser")
    options = parser.parse_args()
    policy = None if options.policy is None else options.policy.read_bytes()
    audit = audit_directory(options.case, policy=policy, agreement=options.agreement)
    with TemporaryDirectory() as folder:
        page = Path(folder) / "report.html"
        html = render_html(document_of(audit, case="case"))
        page.write_text(html, "utf-8")
        page.with_name("sites.html").write_text(keep_section(html, "sites"), "utf-8")
        for picture in pictures():
            write_picture(picture.name, take(options.browser, page, picture), options.out)
        write_picture("report-print", take_print(options.browser, page), options.out)


if __name__ == "__main__":
    main()
