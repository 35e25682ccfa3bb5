/// Words of 64 bits, to be written to a file.
struct WordWriter {
  private(set) var words: [UInt64] = []

  mutating func write(_ word: UInt64) { words.append(word) }

  mutating func write(_ number: Int) { write(UInt64(bitPattern: Int64(number))) }

  mutating func write(_ number: Double) { write(number.bitPattern) }

  mutating func write(_ duration: Duration) {
    write(UInt64(bitPattern: duration.components.seconds))
    write(UInt64(bitPattern: duration.components.attoseconds))
  }

  /// The number of elements, then the elements.
  mutating func write<Element>(
    _ elements: some Collection<Element>, _ writeElement: (inout WordWriter, Element) -> Void
  ) {
    write(elements.count)
    for element in elements { writeElement(&self, element) }
  }

  mutating func write(_ numbers: [Int]) { write(numbers) { $0.write($1) } }

  mutating func write(_ numbers: [Double]) { write(numbers) { $0.write($1) } }

  mutating func write(_ numbers: [UInt64]) { write(numbers) { $0.write($1) } }

  /// One word a byte: texts are short here.
  mutating func write(_ text: String) { write(text.utf8) { $0.write(UInt64($1)) } }
}
