//! Reads licence expressions (SPDX: `MIT OR (Apache-2.0 AND BSD-3-Clause)`) and decides whether a choice is acceptable.

/// Whether the expression can be satisfied with licences that `accepts` takes; a malformed one never can.
pub(super) fn acceptable(expression: &str, accepts: &dyn Fn(&str) -> bool) -> bool {
    // Old manifests write a slash where SPDX says OR.
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let tokens: Vec<&str> = spaced.split_whitespace().collect();
    let mut reader = Reader { tokens: &tokens, accepts };
    reader.choice() == Some(true) && reader.tokens.is_empty()
}

struct Reader<'a> {
    tokens: &'a [&'a str],
    accepts: &'a dyn Fn(&str) -> bool,
}

impl<'a> Reader<'a> {
    fn choice(&mut self) -> Option<bool> {
        let mut good = self.all()?;
        while self.take("OR") {
            good |= self.all()?;
        }
        Some(good)
    }

    fn all(&mut self) -> Option<bool> {
        let mut good = self.one()?;
        while self.take("AND") {
            good &= self.one()?;
        }
        Some(good)
    }

    fn one(&mut self) -> Option<bool> {
        if self.take("(") {
            let good = self.choice()?;
            return self.take(")").then_some(good);
        }
        let licence = self.next()?;
        if self.take("WITH") {
            let exception = self.next()?;
            return Some((self.accepts)(&format!("{licence} WITH {exception}")));
        }
        Some((self.accepts)(licence))
    }

    fn next(&mut self) -> Option<&'a str> {
        let (first, rest) = self.tokens.split_first()?;
        self.tokens = rest;
        Some(first)
    }

    fn take(&mut self, expected: &str) -> bool {
        let found = self.tokens.first() == Some(&expected);
        if found {
            self.tokens = &self.tokens[1..];
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::acceptable;

    fn permissive(expression: &str) -> bool {
        acceptable(expression, &|licence| ["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception"].contains(&licence))
    }

    #[test]
    fn one_good_choice_is_enough() {
        assert!(permissive("GPL-3.0 OR MIT"));
        assert!(permissive("MIT/Apache-2.0"));
        assert!(!permissive("GPL-3.0 OR MPL-2.0"));
    }

    #[test]
    fn every_licence_joined_by_and_must_be_good() {
        assert!(permissive("MIT AND Apache-2.0"));
        assert!(!permissive("MIT AND GPL-3.0"));
        assert!(permissive("(MIT OR GPL-3.0) AND Apache-2.0"));
        assert!(!permissive("(MIT OR Apache-2.0) AND GPL-3.0"));
    }

    #[test]
    fn an_exception_is_part_of_the_licence() {
        assert!(permissive("Apache-2.0 WITH LLVM-exception OR GPL-2.0"));
        assert!(!permissive("GPL-2.0 WITH LLVM-exception"));
    }

    #[test]
    fn a_malformed_expression_is_refused() {
        for expression in ["", "(MIT", "MIT OR", "MIT MIT", "MIT WITH"] {
            assert!(!permissive(expression), "{expression:?}");
        }
    }
}
