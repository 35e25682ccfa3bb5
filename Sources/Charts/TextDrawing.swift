import Glibc

/// What stands around a drawing in text: title, axes, three numbers on each, legend.
struct TextFrame {
  let title: String
  let caption: String
  let x: Axis
  let y: Axis
  let xRange: ClosedRange<Double>
  let yRange: ClosedRange<Double>
  let characters: CharacterSet

  /// The columns left of the field: a number of at most eight characters and the axis.
  static var margin: Int { 10 }

  /// The whole drawing: `field` holds its rows from the top.
  func around(_ field: [String], legend: [String], width: Int) -> String {
    let (side, corner, bottom) = characters == .unicode ? ("│", "└", "─") : ("|", "+", "-")
    let columns = field.first?.count ?? 0
    var lines = wrapped(title, width: width)
    lines.append(Self.clipped(y.label, to: width))
    for (i, row) in field.enumerated() {
      let number =
        switch i {
        case 0: short(yRange.upperBound)
        case field.count / 2 where field.count > 4: short(y.middle(of: yRange))
        case field.count - 1: short(yRange.lowerBound)
        default: ""
        }
      lines.append(Self.padded(number, to: Self.margin - 2) + " " + side + row)
    }
    let indent = String(repeating: " ", count: Self.margin - 1)
    lines.append(indent + corner + String(repeating: bottom, count: columns))
    lines.append(indent + " " + numbersBelow(columns))
    let label = Self.clipped(x.label, to: columns)
    let room = String(repeating: " ", count: (columns - label.count) / 2)
    lines.append(indent + " " + room + label)
    lines += wrapped(legend.joined(separator: "  "), width: width)
    lines += wrapped(caption, width: width)
    return lines.joined(separator: "\n") + "\n"
  }

  private func numbersBelow(_ columns: Int) -> String {
    let low = short(xRange.lowerBound)
    let middle = short(x.middle(of: xRange))
    let high = short(xRange.upperBound)
    let gaps = columns - low.count - middle.count - high.count
    guard gaps >= 2 else { return low + Self.padded(high, to: max(columns - low.count, 0)) }
    let left = max((columns - middle.count) / 2 - low.count, 1)
    return low + String(repeating: " ", count: left) + middle
      + String(repeating: " ", count: max(gaps - left, 1)) + high
  }

  private static func padded(_ text: String, to width: Int) -> String {
    String(repeating: " ", count: max(width - text.count, 0)) + text
  }

  private static func clipped(_ text: String, to width: Int) -> String {
    String(text.prefix(max(width, 0)))
  }
}

/// `value` with three significant digits, as C's %g writes it.
func short(_ value: Double) -> String {
  var buffer = [CChar](repeating: 0, count: 32)
  withVaList([value]) { _ = vsnprintf(&buffer, buffer.count, "%.3g", $0) }
  return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}

/// A field of characters, each made of 2 × 4 dots, with markers over them.
struct TextCanvas {
  let columns: Int
  let rows: Int
  private var dots: [UInt8]
  private var markers: [Character?]

  init(columns: Int, rows: Int) {
    self.columns = columns
    self.rows = rows
    dots = Array(repeating: 0, count: columns * rows)
    markers = Array(repeating: nil, count: columns * rows)
  }

  /// Bits of the dots of a braille character: the left column from the top, then the right one.
  private static let bits: [[UInt8]] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]]

  /// Sets the dot at `x` from the left and `y` from the bottom, both from 0 to 1.
  mutating func dot(_ x: Double, _ y: Double) {
    guard 0...1 ~= x, 0...1 ~= y else { return }
    let column = Int((x * Double(2 * columns - 1)).rounded())
    let row = Int(((1 - y) * Double(4 * rows - 1)).rounded())
    dots[row / 4 * columns + column / 2] |= Self.bits[column % 2][row % 4]
  }

  /// Joins two places by dots; outside the field there are none.
  mutating func line(from a: (x: Double, y: Double), to b: (x: Double, y: Double)) {
    let longest = max(abs(b.x - a.x) * Double(2 * columns), abs(b.y - a.y) * Double(4 * rows))
    // What is far outside is not walked.
    let steps = Int(min(longest.rounded(.up), 10_000))
    for step in 0...max(steps, 1) {
      let t = Double(step) / Double(max(steps, 1))
      dot(a.x + t * (b.x - a.x), a.y + t * (b.y - a.y))
    }
  }

  /// Puts a character at a place; a later one covers an earlier one.
  mutating func mark(_ x: Double, _ y: Double, _ character: Character) {
    guard 0...1 ~= x, 0...1 ~= y else { return }
    let column = Int((x * Double(columns - 1)).rounded())
    let row = Int(((1 - y) * Double(rows - 1)).rounded())
    markers[row * columns + column] = character
  }

  /// The rows from the top, all equally long.
  func lines(_ characters: CharacterSet) -> [String] {
    (0..<rows).map { row in
      String(
        (0..<columns).map { column -> Character in
          let place = row * columns + column
          if let marker = markers[place] { return marker }
          guard dots[place] != 0 else { return " " }
          guard characters == .unicode else { return "." }
          return UnicodeScalar(0x2800 + UInt32(dots[place])).map(Character.init) ?? "."
        })
    }
  }
}

/// The words of `text` in lines of at most `width` characters; a longer word has its own line.
func wrapped(_ text: String, width: Int) -> [String] {
  var lines: [String] = []
  for word in text.split(separator: " ") {
    if let last = lines.last, last.count + 1 + word.count <= width {
      lines[lines.count - 1] = last + " " + word
    } else {
      lines.append(String(word))
    }
  }
  return lines
}
