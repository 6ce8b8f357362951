"""Texts of authors made safe to show: an allow-list of HTML, whatever was written.

Applied where a text comes in and again where it goes out, so that neither a text of before this
list nor one that got by it is ever shown. Nothing that loads from elsewhere stays: no images, no
styles, no frames. Source: reliability design §18; threat table rows on stored HTML.
"""

from typing import Final

import nh3
from markdown_it import MarkdownIt

from los_core.domain.blog import Blog, Markup

TAGS: Final = {
    *("p", "br", "hr", "h2", "h3", "h4", "ul", "ol", "li", "blockquote", "pre", "code"),
    *("strong", "b", "em", "i", "u", "s", "sub", "sup", "a"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES: Final = {"a": {"href", "title"}, "th": {"colspan"}, "td": {"colspan"}}
_LINKS: Final = {"https", "mailto", "tel"}
_markdown: Final = MarkdownIt("commonmark", {"html": False}).enable("table")


def cleaned(html: str) -> str:
    """Return the harmless part of some HTML; doing it twice changes nothing more."""
    return nh3.clean(
        html,
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes=_LINKS,
        link_rel="noopener noreferrer nofollow",
        strip_comments=True,
    )


def shown(blog: Blog) -> str:
    """Return the HTML of a text."""
    html = blog.body if blog.markup is Markup.HTML else _markdown.render(blog.body)
    return cleaned(html)
