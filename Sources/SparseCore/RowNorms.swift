/// Numbers that rank the rows of a matrix with a column for every plane: its entries where there is one, else
/// the norms of the rows, up to a power of two that keeps squares in the range.
package func rowMagnitudes(of entries: [Double], planes: Int) -> [Double] {
  planes > 1 ? scaledRowNorms(of: entries, planes: planes).norms : entries
}

/// The norms of the rows of a matrix with a column for every plane: magnitudes where there is one.
package func rowNorms(of entries: [Double], planes: Int) -> [Double] {
  guard planes > 1 else { return entries.map(abs) }
  let (norms, exponent) = scaledRowNorms(of: entries, planes: planes)
  return exponent == 0 ? norms : norms.map { $0.scaled(by: exponent) }
}

/// The norms of the rows, divided by 2^`exponent`.
private func scaledRowNorms(
  of entries: [Double], planes: Int
) -> (norms: [Double], exponent: Int) {
  let exponent = entries.largestExponent
  let isNearOne = abs(exponent) <= Precision.double.exponentsNearOne
  let numbers = isNearOne ? entries : entries.nearOne
  let rows = entries.count / planes
  var squares = [Double](repeating: 0, count: rows)
  numbers.withUnsafeBufferPointer { numbers in
    squares.withUnsafeMutableBufferPointer { squares in
      for l in 0..<planes {
        let plane = UnsafeBufferPointer(rebasing: numbers[l * rows..<(l + 1) * rows])
        for j in 0..<rows { squares[j] += plane[j] * plane[j] }
      }
      for j in 0..<rows { squares[j] = squares[j].squareRoot() }
    }
  }
  return (squares, isNearOne ? 0 : exponent)
}

extension Precision {
  /// Up to this exponent of the largest of some numbers, either way, their squares stay in the range as they are, and what
  /// they lose is below 2⁻²⁰⁰ of the largest. In single precision there is no such room.
  package var exponentsNearOne: Int { self == .double ? 256 : 0 }
}
