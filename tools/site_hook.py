# SPDX-License-Identifier: BSD-3-Clause
"""Hooks of mkdocs.yml: pages that are files elsewhere or are made from the sources, and links from pages to the source.

The pages of docs/ are read as they are, on a code host too; there a link may leave docs/, on the site it may not.
"""
import pathlib
import re
import subprocess
import sys

from mkdocs.structure.files import File

ROOT = pathlib.Path(__file__).resolve().parent.parent
# Files of the root that are pages of the site.
PAGES = {"README.md": "index.md", "CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md"}
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s#]*)(#[^)\s]*)?\)")


def on_files(files, config):
    for source, page in PAGES.items():
        files.append(File.generated(config, page, content=(ROOT / source).read_text(encoding="utf-8")))
    listed = subprocess.run([sys.executable, ROOT / "tools/error_catalogue.py", "--list"], capture_output=True, text=True,
                            check=True)
    files.append(File.generated(config, "errors_messages.md", content=listed.stdout))
    return files


def folder_of(page):
    """Folder of the source file of a page, below the root."""
    for source, name in PAGES.items():
        if name == page.file.src_uri:
            return pathlib.PurePosixPath(source).parent
    return pathlib.PurePosixPath("docs") / pathlib.PurePosixPath(page.file.src_uri).parent


def resolve(folder, target):
    parts = []
    for part in [*folder.parts, *pathlib.PurePosixPath(target).parts]:
        if part == "..":
            parts = parts[:-1]
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def on_page_markdown(markdown, page, config, files):
    """Links within the site stay links; those to other files of the source become their names."""

    def mend(match):
        mark, text, target, anchor = match.groups()
        if not target or "://" in target or target.startswith("mailto:"):
            return match.group(0)
        path = resolve(folder_of(page), target)
        goal = PAGES.get(path, path[len("docs/"):] if path.startswith("docs/") else None)
        if goal is not None and target.endswith("/") and files.get_file_from_path(goal.rstrip("/") + "/README.md"):
            goal = goal.rstrip("/") + "/README.md"
        if goal is not None and files.get_file_from_path(goal.rstrip("/")) is None:
            readme = files.get_file_from_path(goal.rstrip("/") + "/README.md")
            goal = readme.src_uri if readme else (goal if goal.endswith(".md") else None)
        if goal is None:
            return text if mark else f"{text} (`{path}`)"
        up = "../" * (len(pathlib.PurePosixPath(page.file.src_uri).parts) - 1)
        return f"{mark}[{text}]({up}{goal}{anchor or ''})"

    return LINK.sub(mend, markdown)
