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
