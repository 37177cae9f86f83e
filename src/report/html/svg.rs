//! SVG as text. Colours come from the page's style sheet through classes, so a picture is right in
//! light, dark and print.

use std::fmt::Write;

use super::figure::Figure;

/// Which side of its place a text stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// A picture in the making, in units of CSS pixels.
pub(super) struct Canvas {
    width: f64,
    height: f64,
    id: String,
    title: String,
    description: String,
    body: String,
}

impl Canvas {
    /// `id` is unique on the page; title and description are what a screen reader says.
    pub(super) fn new(id: &str, size: (f64, f64), title: &str, description: &str) -> Self {
        Self {
            width: size.0,
            height: size.1,
            id: id.into(),
            title: title.into(),
            description: description.into(),
            body: String::new(),
        }
    }

    pub(super) fn line(&mut self, class: &str, from: (f64, f64), to: (f64, f64)) {
        let _ = write!(
            self.body,
            r#"<line class="{class}" x1="{:.1}" y1="{:.1}" x2="{:.1}" y2="{:.1}"/>"#,
            from.0, from.1, to.0, to.1
        );
    }

    pub(super) fn rect(&mut self, class: &str, corner: (f64, f64), size: (f64, f64)) {
        let _ = write!(
            self.body,
            r#"<rect class="{class}" x="{:.1}" y="{:.1}" width="{:.1}" height="{:.1}"/>"#,
            corner.0,
            corner.1,
            size.0.max(0.0),
            size.1.max(0.0)
        );
    }

    pub(super) fn circle(&mut self, class: &str, center: (f64, f64), radius: f64) {
        let _ = write!(
            self.body,
            r#"<circle class="{class}" cx="{:.1}" cy="{:.1}" r="{radius}"/>"#,
            center.0, center.1
        );
    }

    /// Many dots as one line of no length each, whose round ends are what is seen: a tenth of as many circles.
    pub(super) fn dots(&mut self, class: &str, centers: impl Iterator<Item = (f64, f64)>) {
        let mut path = String::new();
        for (x, y) in centers {
            let _ = write!(path, "M{x:.1} {y:.1}h0");
        }
        if !path.is_empty() {
            let _ = write!(self.body, r#"<path class="{class}" d="{path}"/>"#);
        }
    }

    /// A line through points; closed when the class fills it.
    pub(super) fn polyline(&mut self, class: &str, points: &[(f64, f64)]) {
        let points: Vec<String> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        let _ = write!(self.body, r#"<polyline class="{class}" points="{}"/>"#, points.join(" "));
    }

    pub(super) fn text(&mut self, class: &str, at: (f64, f64), anchor: Anchor, text: &str) {
        self.labelled(class, at, anchor, text, None);
    }

    /// A text that ends in a figure of the record.
    pub(super) fn labelled(
        &mut self,
        class: &str,
        at: (f64, f64),
        anchor: Anchor,
        text: &str,
        figure: Option<&Figure>,
    ) {
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => r#" text-anchor="middle""#,
            Anchor::End => r#" text-anchor="end""#,
        };
        let _ = write!(
            self.body,
            r#"<text class="{class}" x="{:.1}" y="{:.1}"{anchor}>{}"#,
            at.0,
            at.1,
            escape(text)
        );
        if let Some(figure) = figure {
            let space = if text.is_empty() { "" } else { " " };
            let _ = write!(
                self.body,
                "{space}<tspan{}>{}</tspan>",
                figure.attributes(),
                escape(figure.shown())
            );
        }
        self.body.push_str("</text>");
    }

    pub(super) fn finish(self) -> String {
        let Self { width, height, id, title, description, body } = self;
        format!(
            "<svg viewBox=\"0 0 {width} {height}\" style=\"max-width:{width}px\" role=\"img\" \
             aria-labelledby=\"{id}-title {id}-text\"><title id=\"{id}-title\">{}</title>\
             <desc id=\"{id}-text\">{}</desc>{body}</svg>",
            escape(&title),
            escape(&description)
        )
    }
}

/// Width of a text, on the safe side for the usual system fonts.
pub(super) fn text_width(text: &str, font_px: f64) -> f64 {
    text.chars().count() as f64 * font_px * 0.61
}

/// Safe between tags and inside quoted attributes.
pub(super) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            // Other control characters may stand in no document.
            c if c.is_control() => safe.push(' '),
            c => safe.push(c),
        }
    }
    safe
}
