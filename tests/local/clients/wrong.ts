// What the generated types must not let through: points are no text, a purchase has a currency.
import type { Purchase, PurchaseAnswer } from './made/types.gen';

export function pointsOf(answer: PurchaseAnswer): string {
    return answer.points.earned;
}

export const unpaid: Purchase = { store: 'main', purchase_id: 'A-1', occurred_at: '2026-11-24T10:00:00Z', lines: [], total_minor: 0 };
