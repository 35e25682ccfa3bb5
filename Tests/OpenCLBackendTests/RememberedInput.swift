import OpenCLBackend
import TestSupport

/// An input for the reader of remembered choices: the bytes of a file.
enum RememberedInput {
  /// - Throws: ``BrokenPromise``.
  static func check(_ input: UnsafeRawBufferPointer, _ meter: MemoryMeter) throws {
    let bytes = Array(input)
    var text: RememberedText<ProductKernels>?
    let held = try meter { text = RememberedText(bytes) }
    let allowed = 2 * bytes.count + 32 << 10
    try promise(held <= allowed, orElse: "\(held) bytes were held, \(allowed) are allowed")
    if let text {
      try promise(text.text.utf8.elementsEqual(bytes), orElse: "choices that differ once written")
    }
  }
}
