/// What a device costs before it helps, and how fast it is then: what `auto` weighs.
package struct DeviceCosts: Equatable, Sendable {
  /// Seconds to make a context and load programs that were compiled before.
  package var opening: Double
  /// Bytes of stored atoms that reach the device in a second, conversion included.
  package var uploadRate: Double
  /// Bytes of A, in the precision of the products, that a second of passes with 32 residuals covers.
  package var passRate: Double

  package init(opening: Double, uploadRate: Double, passRate: Double) {
    (self.opening, self.uploadRate, self.passRate) = (opening, uploadRate, passRate)
  }

  /// Those of an NVIDIA H100 on PCIe 5, in double precision (docs/gpu-hosts.md): .2 s, 8 GB in .173 s, and a pass over
  /// 8 GB with 32 residuals in 5.06 ms.
  package static let usual = DeviceCosts(opening: 0.2, uploadRate: 46e9, passRate: 1.58e12)

  /// Whether a device may be like that: what was remembered is believed within these bounds only.
  package var isPlausible: Bool {
    (0...600).contains(opening) && [uploadRate, passRate].allSatisfy { (1e6...1e16).contains($0) }
  }
}

extension DeviceCosts: RememberedValue {
  package static let title = "costs 1"

  /// The three numbers, a space between two of them.
  package var text: String { "\(opening) \(uploadRate) \(passRate)" }

  package init?(text: String) {
    let numbers = text.split(separator: " ").map { Double($0) ?? .nan }
    guard numbers.count == 3 else { return nil }
    self.init(opening: numbers[0], uploadRate: numbers[1], passRate: numbers[2])
    // One text for each value: a file that is read and written again stays as it is.
    guard isPlausible, self.text == text else { return nil }
  }
}

/// Whether a device takes less time than the processor for a search, opening and upload included.
///
/// With bytes a of A in the precision of the products, s as stored, e of these sent again for every pass, P passes of 32
/// residuals, c and d the bytes that processor and device cover in a second, u those that the bus does, and t to open:
///
///     on the processor  P a / c
///     on the device     t + s / u + P (a / d + e / u)
///
/// Everything else, least squares and the exploration, is on the host either way.
package struct DeviceWorth: Equatable, Sendable {
  /// What a pass reads on the processor.
  package var bytes: Double
  /// What is sent once.
  package var storedBytes: Double
  /// What is sent for every pass, because it does not fit.
  package var bytesSentAgain = 0.0
  /// As many as a search makes of 32 residuals: SEA and the rounds of a portfolio make some twenty (docs/performance.md).
  package var passes = 20.0
  /// Bytes of A that the processor covers in a second of passes with 32 residuals.
  package var processorRate: Double
  /// The device's.
  package var costs = DeviceCosts.usual

  /// 34.5 GB/s on sixteen cores of an Intel Xeon with AVX-512 (docs/gpu-hosts.md).
  package static let usualRateOfACore = 34.5e9 / 16
  /// No device is opened in less, with its driver: what takes the processor no longer asks for none.
  package static let leastOpening = 0.05

  /// - Parameters:
  ///   - byteCount: of a number of A, as products take it and as it is stored.
  ///   - limit: the most bytes that stay on the device.
  package init(
    rows: Int, columns: Int, byteCount: (computed: Int, stored: Int), limit: Int = .max,
    processorRate: Double
  ) {
    let entries = Double(rows) * Double(columns)
    bytes = entries * Double(byteCount.computed)
    storedBytes = entries * Double(byteCount.stored)
    bytesSentAgain = max(0, storedBytes - Double(limit))
    self.processorRate = processorRate
  }

  /// Seconds of all passes.
  package var onProcessor: Double { passes * (bytes / processorRate) }

  /// Seconds of all passes, and until they can begin.
  package var onDevice: Double {
    costs.opening + storedBytes / costs.uploadRate
      + passes * (bytes / costs.passRate + bytesSentAgain / costs.uploadRate)
  }

  /// Whether the device is to be asked for at all.
  package var isWorthAsking: Bool { onProcessor > Self.leastOpening }

  /// Whether the device saves more than it costs. Not where nothing is known of one of them.
  package var takesDevice: Bool { onDevice < onProcessor }

  /// Which place is taken, and why.
  ///
  /// - Parameter device: its name; nil where none was asked for.
  package func reason(device: String?) -> String {
    let own = "\(Int(passes)) passes over the matrix take it about \(Self.text(onProcessor))"
    guard let device else {
      return "the processor, since \(own), and no GPU is opened for less than "
        + Self.text(Self.leastOpening)
    }
    let other = "about \(Self.text(onDevice)) with opening and upload"
    return takesDevice
      ? "\(device), since \(Int(passes)) passes over the matrix take \(other), and the processor about "
        + Self.text(onProcessor)
      : "the processor, since \(own), and \(device) \(other)"
  }

  /// Seconds to two digits.
  private static func text(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds > 0 else { return "\(seconds) s" }
    var unit = 1e-9
    while unit * 100 <= seconds { unit *= 10 }
    let rounded = (seconds / unit).rounded() * unit
    // What the decimal powers leave behind the second digit.
    return "\((rounded * 1e9).rounded() / 1e9) s"
  }
}
