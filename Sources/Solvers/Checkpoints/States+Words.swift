import LeastSquares

extension SearchState {
  func write(to writer: inout WordWriter) {
    writer.write(iterations)
    writer.write(best)
    writer.write(bestNorm)
    writer.write(bestIteration)
    writer.write(latest)
    writer.write(fingerprints)
    writer.write(elapsed)
    writer.write(matrixPasses)
  }

  init(from reader: inout WordReader) throws(CheckpointError) {
    iterations = try reader.int()
    best = try reader.ints()
    bestNorm = try reader.double()
    bestIteration = try reader.int()
    latest = try reader.ints()
    fingerprints = try reader.array { (r) throws(CheckpointError) in try r.word() }
    elapsed = try reader.duration()
    matrixPasses = try reader.int()
  }
}

extension DirectState {
  func write(to writer: inout WordWriter) {
    writer.write(exploratory)
    writer.write(stepSize)
    writer.write(visits) {
      $0.write($1.support)
      $0.write($1.residualNorm)
      $0.write($1.gradient)
      $0.write($1.lastUse)
    }
    writer.write(clock)
    projector.write(to: &writer)
  }

  init(from reader: inout WordReader) throws(CheckpointError) {
    exploratory = try reader.doubles()
    stepSize = try reader.double()
    visits = try reader.array(ofAtLeast: 4) { (r) throws(CheckpointError) in
      Visit(
        support: try r.ints(), residualNorm: try r.double(), gradient: try r.doubles(),
        lastUse: try r.int())
    }
    clock = try reader.int()
    projector = try Projector.Arrangement(from: &reader)
  }
}

extension BlockedState {
  func write(to writer: inout WordWriter) {
    writer.write(offset.map { [$0] } ?? []) { $0.write($1) }
    writer.write(total)
    writer.write(atoms)
    writer.write(exploratory)
    writer.write(frontier)
    writer.write(bound)
    writer.write(blockLength)
    writer.write(growth.map { [$0] } ?? [])
    projector.write(to: &writer)
  }

  init(from reader: inout WordReader) throws(CheckpointError) {
    offset = try reader.optional { (r) throws(CheckpointError) in try r.doubles() }
    total = try reader.doubles()
    atoms = try reader.ints()
    exploratory = try reader.doubles()
    frontier = try reader.ints()
    bound = try reader.double()
    blockLength = try reader.int()
    growth = try reader.optional { (r) throws(CheckpointError) in try r.double() }
    projector = try Projector.Arrangement(from: &reader)
  }
}

extension Projector.Arrangement {
  func write(to writer: inout WordWriter) {
    writer.write(atoms)
    writer.write(gram)
  }

  init(from reader: inout WordReader) throws(CheckpointError) {
    self.init(atoms: try reader.ints(), gram: try reader.doubles())
  }
}
