/// How a least-squares problem was solved.
public enum ProjectionMethod: String, Sendable, Codable, CaseIterable {
  /// Cholesky factor of the k × k Gram matrix: well-conditioned columns.
  case cholesky
  /// QR factor of the columns.
  case qr
  /// Singular values: dependent columns, solution of least norm.
  case minimumNorm
}
