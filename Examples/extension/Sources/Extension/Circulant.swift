public import SparseRecovery

/// A circular convolution: column j is the kernel, turned by j places. Nothing but the kernel is stored, and
/// products take 2 · n · w flops for a kernel of w numbers.
public struct Circulant: LinearOperator {
  /// The kernel, whose numbers are those of column 0 from row 0 on.
  public let kernel: [Double]
  /// The number of rows, n.
  public let rows: Int
  /// The number of columns, n.
  public var columns: Int { rows }

  /// The convolution of n numbers with a kernel of at most as many.
  public init(size: Int, kernel: [Double]) {
    precondition(!kernel.isEmpty && kernel.count <= size, "a kernel of 1 to \(size) numbers")
    rows = size
    self.kernel = kernel
  }

  /// Of the size and the kernel: all there is.
  public var fingerprint: UInt64 {
    var checksum = Checksum()
    checksum.add(UInt64(rows))
    for number in kernel { checksum.add(number.bitPattern) }
    return checksum.value
  }

  /// The kernel at the places that each column turns it to.
  public func copyColumns(_ columns: [Int], into target: inout MutableSpan<Double>) {
    for (place, j) in columns.enumerated() {
      for i in 0..<rows { target[place * rows + i] = 0 }
      for (offset, number) in kernel.enumerated() {
        target[place * rows + (j + offset) % rows] = number
      }
    }
  }

  /// yᵢ = Σ_o kernel_o x_(i − o).
  public func apply(_ x: Span<Double>, into y: inout MutableSpan<Double>) {
    for i in 0..<rows { y[i] = 0 }
    for j in 0..<rows where x[j] != 0 {
      for (offset, number) in kernel.enumerated() { y[(j + offset) % rows] += number * x[j] }
    }
  }

  /// zⱼ = Σ_o kernel_o r_(j + o).
  public func adjoint(_ r: Span<Double>, into z: inout MutableSpan<Double>) {
    for j in 0..<rows {
      var sum = 0.0
      for (offset, number) in kernel.enumerated() { sum += number * r[(j + offset) % rows] }
      z[j] = sum
    }
  }

  /// Inner products of turned kernels depend on the angle between them alone: w flops each. Weights of rows end that,
  /// and then columns are gathered.
  public func gram(_ I: [Int], _ J: [Int], weights: [Double]?) -> [Double]? {
    guard weights == nil else { return nil }
    var products: [Double] = []
    for j in J {
      for i in I {
        let turn = (j - i + rows) % rows
        var sum = 0.0
        for (offset, number) in kernel.enumerated() {
          let other = (turn + offset) % rows
          if other < kernel.count { sum += number * kernel[other] }
        }
        products.append(sum)
      }
    }
    return products
  }

  /// All columns are as long as the kernel.
  public func squaredNorms(weights: [Double]?) -> [Double]? {
    guard weights == nil else { return nil }
    return Array(repeating: kernel.reduce(0) { $0 + $1 * $1 }, count: columns)
  }
}
