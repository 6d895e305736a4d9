// A storefront in TypeScript: a person joins, buys and buys again, through the generated client alone.
import { client } from './made/client.gen';
import { getStatement, joinMember, recordPurchase } from './made/sdk.gen';
import type { Purchase, PurchaseAnswer } from './made/types.gen';

declare const process: { argv: string[] };

async function main(): Promise<void> {
    const [baseUrl, key, card, purchaseId, occurredAt] = process.argv.slice(2);
    client.setConfig({ baseUrl, auth: () => key });

    const joined = await joinMember({
        headers: { 'Idempotency-Key': `join-${card}` },
        body: { name: 'Noa Levi', card, language: 'en', source: 'web', joined_at: '2025-01-05T10:00:00+02:00' },
        throwOnError: true,
    });
    const memberId: string = joined.data.member_id;

    const body: Purchase = {
        store: 'main',
        purchase_id: purchaseId,
        member_id: memberId,
        occurred_at: occurredAt,
        currency: 'USD',
        lines: [{ sku: 'CD-1', category: 'music', quantity: 2, amount_minor: 2990 }],
        total_minor: 2990,
    };
    const bought = await recordPurchase({ body, throwOnError: true });
    const answer: PurchaseAnswer = bought.data;
    const again = await recordPurchase({ body, throwOnError: true });

    const refused = await recordPurchase({ body: { ...body, total_minor: 1 } });
    const problem = refused.error;
    const statement = await getStatement({ path: { member_id: memberId }, query: { limit: 1 }, throwOnError: true });

    console.log(JSON.stringify({
        member_id: memberId,
        earned: answer.points.earned,
        fired: answer.explanation.fired.map((rule) => rule.rule),
        sequence: answer.entry?.sequence,
        replayed: again.response.headers.get('Idempotency-Replayed'),
        refused: problem && 'code' in problem ? problem.code : null,
        newest: statement.data.entries[0].purchase_id,
    }));
}

main();
