import Arguments
import Charts
import Experiments
import Glibc

/// How charts are to be shown, as asked for on the command line.
struct PlotFormats {
  /// The option that says it.
  static let option = Option(
    "plot", .text, placeholder: "list", default: "svg",
    help: "How charts are drawn: svg, png, terminal, with commas, or none",
    details: "none writes no script for gnuplot and no picture.")

  /// The files to draw beside a script for each chart; nil where neither is wanted.
  private(set) var pictures: [PictureFormat]?
  /// Whether to draw on standard output too.
  private(set) var showsInTerminal = false

  /// Whether there is nothing to draw.
  var isEmpty: Bool { pictures == nil }

  init(_ arguments: ParsedArguments) throws(UsageError) {
    let text = arguments.text("plot")
    guard text != "none" else { return }
    var pictures: [PictureFormat] = []
    for name in text.split(separator: ",", omittingEmptySubsequences: false) {
      if let format = PictureFormat(rawValue: String(name)) {
        pictures.append(format)
      } else if name == "terminal" {
        showsInTerminal = true
      } else {
        throw .invalidValue(
          name: "--plot", found: text, expected: "svg, png, terminal, or none", suggestion: nil)
      }
    }
    self.pictures = pictures
  }

  /// Draws on standard output what was drawn into files, and says where the page is.
  func show(_ drawing: Drawing) throws {
    if showsInTerminal {
      for chart in drawing.charts {
        if let text = chart.textDrawing(width: Console.width, characters: Self.characters) {
          try Console.write(text + "\n")
        }
      }
    }
    try Console.write("page      \(drawing.report)\n")
    if let hint = drawing.files.compactMap(\.hint).first { Console.error("sea: \(hint)") }
  }

  /// What the terminal can show, by the usual variables.
  private static var characters: CharacterSet {
    let variables: [String] = ["LC_ALL", "LC_CTYPE", "LANG"]
    let locale = variables.compactMap { name in getenv(name).map { String(cString: $0) } }
      .first { !$0.isEmpty }
    let isUnicode = locale?.uppercased().contains("UTF") ?? false
    return isUnicode ? .unicode : .ascii
  }
}
