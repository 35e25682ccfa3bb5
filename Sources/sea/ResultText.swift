import Glibc
import SparseRecovery

/// How results are written for a person.
enum ResultText {
  /// A name and a value a line.
  static func lines(_ lines: [(name: String, value: String)]) -> String {
    let width = 20
    return lines.map { name, value in
      name + String(repeating: " ", count: width - name.count) + value + "\n"
    }.joined()
  }

  /// Items after each other, `none` where there are none.
  static func list(_ items: [String]) -> String {
    items.isEmpty ? "none" : items.joined(separator: ", ")
  }
}

extension TableColumns {
  /// A change of support: `+12 +40 −7`, of so many columns at most.
  func change(_ entering: [Int], _ leaving: [Int], atMost most: Int = .max) -> String {
    let changes = entering.map { "+\(label($0))" } + leaving.map { "−\(label($0))" }
    return changes.prefix(most).joined(separator: " ") + (changes.count > most ? " …" : "")
  }
}

extension Double {
  /// Rounded to `digits` significant digits, as C's %g writes it.
  func significant(_ digits: Int) -> String {
    var buffer = [CChar](repeating: 0, count: 64)
    withVaList([Int32(digits), self]) { _ = vsnprintf(&buffer, buffer.count, "%.*g", $0) }
    return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}

extension Duration {
  /// This time in seconds.
  var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) * 1e-18
  }
}

extension Int {
  /// A number of bytes in the unit that suits it, for example `1.5 GiB`.
  var asBytes: String {
    let units = ["bytes", "KiB", "MiB", "GiB", "TiB"]
    var value = Double(self)
    var unit = 0
    while value >= 1024, unit < units.count - 1 {
      value /= 1024
      unit += 1
    }
    return "\(value.significant(3)) \(units[unit])"
  }
}
