use super::*;

#[test]
fn reads_in_bounds() {
    let mut reader = Reader::new(&[0, 0, 0, 1, 2]);
    assert_eq!(reader.u32(), Ok(1));
    assert_eq!(
        reader.u32(),
        Err(DecodeError::new(DecodeErrorKind::UnexpectedEnd, 4))
    );
    assert_eq!(
        reader.finish(),
        Err(DecodeError::new(DecodeErrorKind::TrailingBytes, 4))
    );
}
