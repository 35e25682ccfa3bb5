import COpenBLAS

/// The inner products of all pairs of `count` columns of length `rows`, BᵀB, count × count:
/// m · count² flops.
package func innerProducts(_ columns: [Double], rows: Int, count: Int) -> [Double] {
  var products = [Double](repeating: 0, count: count * count)
  cblas_dsyrk(
    CblasColMajor, CblasUpper, CblasTrans, Int32(count), Int32(rows), 1, columns, Int32(rows), 0,
    &products, Int32(count))
  for j in 0..<count {
    for i in 0..<j { products[j + i * count] = products[i + j * count] }
  }
  return products
}
