import Glibc

/// Rows of cells in aligned columns: the first one to the left, the others to the right.
struct TextTable {
  let headings: [String]
  var rows: [[String]] = []

  init(_ headings: String...) { self.init(headings) }
  init(_ headings: [String]) { self.headings = headings }

  /// The table, a line each for the headings and the rows.
  var lines: [String] {
    let all = [headings] + rows
    let widths = headings.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    return all.map { cells in
      cells.indices.map { column in
        let padding = String(repeating: " ", count: widths[column] - cells[column].count)
        return column == 0 ? cells[column] + padding : padding + cells[column]
      }.joined(separator: "  ")
    }
  }
}

/// The words of `text` in lines of at most `width` characters, where words are no longer than that;
/// all lines but the first start with `indent` spaces.
func wrapped(_ text: String, width: Int, indent: Int = 0) -> [String] {
  var lines: [String] = []
  var line = ""
  for word in text.split(separator: " ") {
    if !line.isEmpty, line.count + 1 + word.count > width {
      lines.append(line)
      line = String(repeating: " ", count: indent) + word
    } else {
      line += (line.isEmpty ? "" : " ") + word
    }
  }
  return lines + [line]
}

/// Numbers as people read them.
enum Figures {
  /// A number of at least zero with so many significant digits: `0.01234`, `12.34`, `1.234e-16`.
  /// Subnormal numbers pass for zero.
  static func number(_ value: Double, digits: Int = 4) -> String {
    guard value.isFinite else { return "\(value)" }
    guard value >= .leastNormalMagnitude else { return "0" }
    // Of the rounded number: 9.9999 has the exponent of 10.
    let half = 0.5 * pow(10, Double(-digits))
    let exponent = Int(log10(value + value * half).rounded(.down))
    guard -4..<9 ~= exponent else {
      return "\(number(value / pow(10, Double(exponent)), digits: digits))e\(exponent)"
    }
    let decimals = max(0, digits - 1 - exponent)
    let scale = (0..<decimals).reduce(1) { power, _ in power * 10 }
    let units = Int((value * Double(scale)).rounded())
    guard decimals > 0 else { return "\(units)" }
    let fraction = String(units % scale)
    let zeros = String(repeating: "0", count: decimals - fraction.count)
    return "\(units / scale).\(zeros)\(fraction)"
  }

  /// A time in the unit that suits it.
  static func time(_ seconds: Double) -> String {
    switch seconds {
    case 1...: "\(number(seconds)) s"
    case 1e-3...: "\(number(seconds * 1e3)) ms"
    case 1e-6...: "\(number(seconds * 1e6)) µs"
    default: "\(number(seconds * 1e9)) ns"
    }
  }

  /// A size in the unit that suits it.
  static func bytes(_ count: Int) -> String {
    switch count {
    case (1 << 30)...: "\(number(Double(count) / 0x1p30, digits: 3)) GiB"
    case (1 << 20)...: "\(number(Double(count) / 0x1p20, digits: 3)) MiB"
    default: "\(number(Double(count) / 0x1p10, digits: 3)) KiB"
    }
  }
}
