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
