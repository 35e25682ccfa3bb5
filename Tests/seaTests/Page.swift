import Foundation
import Testing

/// A page of the documentation, cut into what a test can try: blocks of code, command lines and spans of code.
///
/// Two comments, which readers of the page do not see, tell of a block of Swift what it does not say itself:
/// `<!-- swift: … -->` before a block is its mark, and `<!-- swift` above lines of code up to `-->` are code that
/// compiles with the page.
struct Page: Sendable, CustomTestStringConvertible {
  /// Lines of one kind, the first of which is line `start`, counted from zero.
  struct Block: Sendable {
    let start: Int
    let lines: [String]
    /// What a comment before it says of a block of Swift.
    var mark: String?
  }

  /// A span of code in the text, on line `number` counted from one.
  struct Span: Sendable {
    let number: Int
    let text: String
  }

  /// The root of the package.
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../..").standardized

  /// Every page, that of changes aside: it tells of what was.
  static let all: [Page] = {
    let files = FileManager.default
    let top = (try? files.contentsOfDirectory(atPath: root.path)) ?? []
    let below = ["docs", "Examples", "Benchmarks", "Fuzz"].flatMap { folder in
      ((try? files.subpathsOfDirectory(atPath: root.appendingPathComponent(folder).path)) ?? [])
        .filter { !$0.hasPrefix(".build/") && !$0.contains("/.build/") }
        .map { "\(folder)/\($0)" }
    }
    return (top + below).filter { $0.hasSuffix(".md") && $0 != "CHANGELOG.md" }.sorted()
      .compactMap { path in
        (try? String(contentsOf: root.appendingPathComponent(path), encoding: .utf8))
          .map { Page(path: path, text: $0) }
      }
  }()

  /// The path from the root of the package.
  let path: String
  var testDescription: String { path }
  let lines: [String]
  /// Blocks of Swift, hidden ones among them.
  private(set) var swift: [Block] = []
  /// Blocks of what is typed in a shell, and of what it prints: those of no language, and indented lines.
  private(set) var shell: [Block] = []
  /// Spans of code in the text.
  private(set) var spans: [Span] = []

  /// The command lines of the tool, in order.
  var commands: [PageCommand] { shell.flatMap(PageCommand.all) }

  /// Cuts a page.
  init(path: String, text: String) {
    self.path = path
    lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    var prose = lines
    var mark: String?
    var i = 0
    while i < lines.count {
      let line = lines[i]
      let first = i
      if line.hasPrefix("```") || line == "<!-- swift" {
        let isHidden = line == "<!-- swift"
        let inside = lines[(i + 1)...].prefix { $0 != (isHidden ? "-->" : "```") }
        let language = isHidden ? "swift" : String(line.dropFirst(3))
        let block = Block(start: i + 1, lines: Array(inside), mark: mark)
        if language == "swift" { swift.append(block) }
        if language.isEmpty || language == "sh" { shell.append(block) }
        mark = nil
        i += inside.count + 2
      } else if line.hasPrefix("<!-- swift: ") {
        mark = String(line.dropFirst("<!-- swift: ".count).dropLast(" -->".count))
        i += 1
      } else if line.hasPrefix("    ") {
        let inside = lines[i...].prefix { $0.hasPrefix("    ") }
        shell.append(Block(start: i, lines: Array(inside)))
        i += inside.count
      } else {
        i += 1
        continue
      }
      for j in first..<min(i, lines.count) { prose[j] = "" }
    }
    spans = prose.split(separator: "").flatMap(Self.spans)
  }

  private static func spans(in paragraph: ArraySlice<String>) -> [Span] {
    var number = paragraph.startIndex + 1
    var spans: [Span] = []
    let parts = paragraph.joined(separator: "\n")
      .split(separator: "`", omittingEmptySubsequences: false)
    for (place, part) in parts.enumerated() {
      if place % 2 == 1 {
        spans.append(Span(number: number, text: String(part).replacing("\n", with: " ")))
      }
      number += part.count { $0 == "\n" }
    }
    return spans
  }

  /// The blocks with this mark as a file with the lines where the page has them, so that a compiler names these.
  /// A body `{ … }` is one that the page leaves out.
  func source(marked mark: String?) -> String {
    var lines = [String](repeating: "", count: lines.count)
    for block in swift where block.mark == mark {
      for (i, line) in block.lines.enumerated() {
        lines[block.start + i] = line.replacing("{ … }", with: "{ fatalError() }")
      }
    }
    return lines.joined(separator: "\n")
  }
}
