/// A page for a browser that needs nothing beside it: settings, charts, tables, and the command
/// that makes it again.
package struct Report: Sendable {
  /// A name and its value.
  package typealias Setting = (name: String, value: String)

  private let title: String
  private let settings: [Setting]
  private let command: String
  private var parts: [String] = []
  private var pictures = 0

  /// Begins a page.
  ///
  /// - Parameter command: what a reader types to get the same page.
  package init(title: String, settings: [Setting], command: String) {
    self.title = title
    self.settings = settings
    self.command = command
  }

  /// Appends a heading.
  package mutating func add(heading: String) { parts.append("<h2>\(escaped(heading))</h2>") }

  /// Appends a paragraph.
  package mutating func add(paragraph: String) { parts.append("<p>\(escaped(paragraph))</p>") }

  /// Appends a table: every row as long as `headings`. Cells that are numbers stand to the right.
  package mutating func add(table headings: [String], rows: [[String]]) {
    func line(_ cells: [String], _ tag: String) -> String {
      let cells = cells.map { cell in
        let side = Double(cell.split(separator: " ").first ?? "") == nil ? "" : " class=\"number\""
        return "<\(tag)\(side)>\(escaped(cell))</\(tag)>"
      }
      return "<tr>" + cells.joined() + "</tr>"
    }
    let body = rows.map { line($0, "td") }.joined(separator: "\n")
    parts.append(
      "<div class=\"wide\"><table><thead>\(line(headings, "th"))</thead>\n"
        + "<tbody>\(body)</tbody></table></div>")
  }

  /// Appends a chart: the picture as drawn, or else its drawing in text and what to do.
  ///
  /// - Throws: ``ChartError/cannotRead(path:reason:)`` for the picture.
  package mutating func add(_ chart: any Chart, drawnAs files: ChartFiles) throws(ChartError) {
    let picture = files.pictures.first { $0.hasSuffix(".svg") }
    let text = try picture.map { (path) throws(ChartError) in try readText(path) }
    add(chart, picture: text)
    if picture == nil, let hint = files.hint { add(paragraph: hint) }
  }

  /// Appends a chart: its picture, as SVG, or where there is none its drawing in text.
  package mutating func add(_ chart: any Chart, picture: String?) {
    if let picture {
      pictures += 1
      let element = inlined(picture, title: chart.title, number: pictures)
      parts.append("<figure>\(element)</figure>")
    } else {
      let text = chart.textDrawing(width: 100, characters: .unicode) ?? chart.title
      parts.append("<figure class=\"text\"><pre>\(escaped(text))</pre></figure>")
    }
  }

  /// The page.
  package var html: String {
    let rows = settings.map { setting in
      "<tr><th>\(escaped(setting.name))</th><td>\(escaped(setting.value))</td></tr>"
    }
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(escaped(title))</title>
      <style>
      \(Self.style)
      </style>
      </head>
      <body>
      <h1>\(escaped(title))</h1>
      <div class="wide"><table class="settings">\(rows.joined(separator: "\n"))</table></div>
      \(parts.joined(separator: "\n"))
      <h2>Make it again</h2>
      <pre>\(escaped(command))</pre>
      </body>
      </html>

      """
  }

  /// Charts keep their white ground in the dark, where their colours were chosen for.
  private static let style = """
    :root { color-scheme: light dark; --ink: #1b1b1b; --ground: #ffffff; --line: #cccccc; }
    @media (prefers-color-scheme: dark) {
      :root { --ink: #e6e6e6; --ground: #181818; --line: #484848; }
    }
    body { font: 16px/1.5 sans-serif; color: var(--ink); background: var(--ground);
      max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
    h1, h2 { line-height: 1.2; }
    table { border-collapse: collapse; font-size: 0.9rem; }
    th, td { padding: 0.2rem 0.7rem; border-bottom: 1px solid var(--line); text-align: left; }
    .number { text-align: right; font-variant-numeric: tabular-nums; }
    figure { margin: 1rem 0; padding: 0.5rem; background: #ffffff; border-radius: 4px; }
    figure.text { background: none; }
    figure svg { display: block; max-width: 100%; height: auto; }
    pre { overflow-x: auto; padding: 0.5rem; border: 1px solid var(--line); line-height: 1.15; }
    .wide { overflow-x: auto; }
    """
}

/// `text` with the characters that mean something in HTML replaced.
func escaped(_ text: String) -> String {
  var result = ""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\"": result += "&quot;"
    case "'": result += "&#39;"
    case "\n", "\t": result.unicodeScalars.append(scalar)
    case _ where scalar.properties.generalCategory == .control: result += "\u{FFFD}"
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}

/// A picture of gnuplot as an element of a page: without its XML header, its names made unique.
func inlined(_ picture: String, title: String, number: Int) -> String {
  let element = picture.firstRange(of: "<svg").map { picture[$0.lowerBound...] } ?? ""
  let prefix = "chart\(number)-"
  return String(element)
    .replacing("<title>Gnuplot</title>", with: "<title>\(escaped(title))</title>")
    .replacing(" id='", with: " id='\(prefix)")
    .replacing(" id=\"", with: " id=\"\(prefix)")
    .replacing("href='#", with: "href='#\(prefix)")
    .replacing("url(#", with: "url(#\(prefix)")
}
