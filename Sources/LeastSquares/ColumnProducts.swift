import CCorrelation
import COpenBLAS
import SparseCore

/// The inner products of all pairs of `count` columns of length `rows`, BᵀB, count × count:
/// m · count · (count + 32) flops.
package func innerProducts(_ columns: [Double], rows: Int, count: Int) -> [Double] {
  var products = [Double](repeating: 0, count: count * count)
  columns.withUnsafeBufferPointer { columns in
    guard let start = columns.baseAddress else { return }
    for group in Group.all(of: ArraySlice(0..<count)) {
      // With the columns from its first on: the others have met it.
      let first = group.places.startIndex
      let sums = group.innerProducts(
        start, with: start + first * rows, count: count - first, rows: rows, threads: 1)
      for (p, i) in group.places.enumerated() {
        for j in i..<count {
          let product = sums[p + (j - first) * group.lanes]
          products[j + i * count] = product
          products[i + j * count] = product
        }
      }
    }
  }
  return products
}

/// The inner products of the first `count` columns of length `rows` with those at `places`, given to `take` one by one:
/// 2 · rows · count · |places| flops. Each is summed in the order of the rows, whatever the others are.
func innerProducts(
  _ columns: [Double], rows: Int, count: Int, with places: ArraySlice<Int>, threads: Int,
  take: (_ column: Int, _ place: Int, _ product: Double) -> Void
) {
  columns.withUnsafeBufferPointer { columns in
    guard let start = columns.baseAddress else { return }
    for group in Group.all(of: places) {
      let sums = group.innerProducts(
        start, with: start, count: count, rows: rows, threads: threads)
      for j in 0..<count {
        for (p, place) in group.places.enumerated() { take(j, place, sums[p + j * group.lanes]) }
      }
    }
  }
}

/// C ← A B, `rows` × `columns`, for matrices without gaps but A, whose columns are `stride` apart:
/// 2 · rows · inner · columns flops, shared by threads where there are many. Its bits do not depend on
/// the number of threads.
func multiply(
  _ a: [Double], by b: [Double], into c: inout [Double], rows: Int, inner: Int, columns: Int,
  stride: Int, threads: Int
) {
  precondition(c.count >= rows * columns && b.count >= inner * columns, "room for both matrices")
  let size = isShort(rows, inner, columns) ? rows : 512
  let (m, k, n) = (Int32(rows), Int32(inner), Int32(columns))
  c.withUnsafeMutableBufferPointer { c in
    nonisolated(unsafe) let c = c
    Blocks(count: rows, size: size, threads: threads).forEach { first, length in
      a.withUnsafeBufferPointer { a in
        guard let a = a.baseAddress, let c = c.baseAddress else { return }
        cblas_dgemm(
          CblasColMajor, CblasNoTrans, CblasNoTrans, Int32(length), n, k, 1, a + first,
          Int32(stride), b, k, 0, c + first, m)
      }
    }
  }
}

/// Some columns that are multiplied by others at once.
private struct Group {
  /// Where they are: 32 at most.
  let places: ArraySlice<Int>

  /// As many numbers as the kernel takes of a row.
  var lanes: Int { (places.count + 7) / 8 * 8 }

  /// All of some columns, in groups.
  static func all(of places: ArraySlice<Int>) -> [Group] {
    let size = Int(correlation_group)
    return stride(from: places.startIndex, to: places.endIndex, by: size).map {
      Group(places: places[$0..<min($0 + size, places.endIndex)])
    }
  }

  /// bᵀa for every b of the group, among `columns`, and `count` columns a, at p + j · `lanes`.
  func innerProducts(
    _ columns: UnsafePointer<Double>, with others: UnsafePointer<Double>, count: Int, rows: Int,
    threads: Int
  ) -> [Double] {
    let isShort = isShort(count, rows, places.count)
    let packed = packed(columns, rows: rows, threads: isShort ? 1 : threads)
    var sums = [Double](repeating: 0, count: count * lanes)
    // A multiple of the six columns that the kernel takes at once.
    let size = isShort ? count : 96
    let (lanes, instructions) = (lanes, correlation_best())
    packed.withUnsafeBufferPointer { packed in
      sums.withUnsafeMutableBufferPointer { sums in
        guard let packed = packed.baseAddress, let sums = sums.baseAddress else { return }
        nonisolated(unsafe) let (a, b, c) = (others, packed, sums)
        Blocks(count: count, size: size, threads: threads).forEach { start, length in
          correlate_double(
            instructions, rows, length, a + start * rows, rows, b, lanes, c + start * lanes)
        }
      }
    }
    return sums
  }

  /// The numbers of a row side by side, zeros behind them.
  private func packed(
    _ columns: UnsafePointer<Double>, rows: Int, threads: Int
  ) -> [Double] {
    let (places, lanes) = (places, lanes)
    return Array(unsafeUninitializedCapacity: rows * lanes) { target, count in
      count = rows * lanes
      guard let target = target.baseAddress else { return }
      nonisolated(unsafe) let (columns, packed) = (columns, target)
      // 64 rows of 32 numbers, 16 KiB, stay in the nearest cache until all columns have been written there.
      Blocks(count: rows, size: 64, threads: threads).forEach { first, length in
        for (p, place) in places.enumerated() {
          let column = columns + place * rows
          for i in first..<first + length { packed[p + i * lanes] = column[i] }
        }
        for p in places.count..<lanes {
          for i in first..<first + length { packed[p + i * lanes] = 0 }
        }
      }
    }
  }
}

/// Whether a product takes no longer than threads need to begin, some hundred microseconds.
func isShort(_ rows: Int, _ inner: Int, _ columns: Int) -> Bool {
  2 * rows * inner * columns < 8_000_000
}

/// t ← t + α Σ_p c_p · a_p for α = ± 1, where column a_p starts at `places[p]` · `stride`: 8 · `count` · k bytes.
///
/// Every entry is summed in the order of `places`, with one rounding a product and one a sum, so that
/// its bits do not depend on where the columns lie. Eight columns at a time keep the target in
/// registers and eight streams of memory busy.
func addColumns(
  _ places: [Int], of columns: [Double], times c: [Double], _ α: Double = 1,
  to target: inout [Double], count: Int, stride: Int
) {
  precondition(target.count >= count, "a target of \(count) numbers")
  columns.withUnsafeBufferPointer { columns in
    target.withUnsafeMutableBufferPointer { target in
      guard let a = columns.baseAddress, let t = target.baseAddress else { return }
      var p = 0
      while p + 8 <= places.count {
        let (a0, c0) = (a + places[p] * stride, α * c[p])
        let (a1, c1) = (a + places[p + 1] * stride, α * c[p + 1])
        let (a2, c2) = (a + places[p + 2] * stride, α * c[p + 2])
        let (a3, c3) = (a + places[p + 3] * stride, α * c[p + 3])
        let (a4, c4) = (a + places[p + 4] * stride, α * c[p + 4])
        let (a5, c5) = (a + places[p + 5] * stride, α * c[p + 5])
        let (a6, c6) = (a + places[p + 6] * stride, α * c[p + 6])
        let (a7, c7) = (a + places[p + 7] * stride, α * c[p + 7])
        for i in 0..<count {
          var sum = t[i] + c0 * a0[i]
          sum += c1 * a1[i]
          sum += c2 * a2[i]
          sum += c3 * a3[i]
          sum += c4 * a4[i]
          sum += c5 * a5[i]
          sum += c6 * a6[i]
          t[i] = sum + c7 * a7[i]
        }
        p += 8
      }
      while p < places.count {
        let (a0, c0) = (a + places[p] * stride, α * c[p])
        for i in 0..<count { t[i] += c0 * a0[i] }
        p += 1
      }
    }
  }
}

/// h_p ← a_pᵀ r, where column a_p starts at `places[p]` · m, for m `rows`: 8 · m · k bytes.
func correlate(
  _ r: UnsafePointer<Double>, with places: [Int], of columns: [Double], rows: Int, threads: Int,
  into h: UnsafeMutablePointer<Double>
) {
  columns.withUnsafeBufferPointer { columns in
    guard let start = columns.baseAddress, !places.isEmpty else { return }
    nonisolated(unsafe) let (a, r, h) = (start, r, h)
    let size = isShort(rows, places.count, 1) ? places.count : 1
    Blocks(count: places.count, size: size, threads: threads).forEach { first, count in
      for p in first..<first + count {
        h[p] = cblas_ddot(Int32(rows), a + places[p] * rows, 1, r, 1)
      }
    }
  }
}

/// Σ |aᵢ| xᵢ.
func sumOfMagnitudes(
  _ a: UnsafePointer<Double>, times x: UnsafePointer<Double>, count: Int
) -> Double {
  typealias Lanes = SIMD8<Double>
  let sign = SIMD8<UInt64>(repeating: 1 << 63)
  var sums = Lanes.zero
  var i = 0
  while i + 8 <= count {
    let values = UnsafeRawPointer(a + i).loadUnaligned(as: SIMD8<UInt64>.self) & ~sign
    let factors = UnsafeRawPointer(x + i).loadUnaligned(as: Lanes.self)
    sums += unsafeBitCast(values, to: Lanes.self) * factors
    i += 8
  }
  var sum = sums.sum()
  while i < count {
    sum += abs(a[i]) * x[i]
    i += 1
  }
  return sum
}

/// t ← t + s · |a|.
func addMagnitudes(
  _ a: UnsafePointer<Double>, times s: Double, to t: UnsafeMutablePointer<Double>, count: Int
) {
  guard count > 0 else { return }
  for i in 0..<count { t[i] += s * abs(a[i]) }
}
